-- Usage: what is counted, the events, and the counters they feed. Quantities are millionths of a unit.

CREATE TABLE usage_metric (
	name VARBINARY(100) NOT NULL PRIMARY KEY,
	aggregation ENUM('sum', 'count', 'max', 'last', 'unique') NOT NULL,
	unit VARBINARY(40) NOT NULL,
	property VARBINARY(100) NULL, -- of `unique`: which property's different values are counted
	unit_credits BIGINT NULL CHECK (unit_credits > 0), -- millionths of a credit for one unit; NULL: not charged as it is used
	created_at DATETIME(6) NOT NULL
);
INSERT INTO usage_metric (name, aggregation, unit, created_at) VALUES
	('prompt_tokens', 'sum', 'token', '2026-01-01'),
	('completion_tokens', 'sum', 'token', '2026-01-01'),
	('requests', 'sum', 'request', '2026-01-01');

-- An event's identity, kept for 45 days and more: what is here was counted.
CREATE TABLE usage_event (
	organization_id BINARY(16) NOT NULL,
	metric VARBINARY(100) NOT NULL,
	id VARBINARY(255) NOT NULL,
	quantity BIGINT NOT NULL,
	occurred_at DATETIME(6) NOT NULL,
	recorded_at DATETIME(6) NOT NULL,
	service VARBINARY(100) NOT NULL,
	operator VARBINARY(100) NOT NULL,
	PRIMARY KEY (organization_id, metric, id),
	KEY recorded_at (recorded_at)
);

-- One row an organization, metric and cycle. Locked in the order of the metric's name, before the book.
CREATE TABLE usage_counter (
	organization_id BINARY(16) NOT NULL,
	cycle_starts_at DATETIME(6) NOT NULL,
	metric VARBINARY(100) NOT NULL,
	value BIGINT NOT NULL DEFAULT 0 CHECK (value >= 0), -- by the metric's aggregation
	held BIGINT NOT NULL DEFAULT 0 CHECK (held >= 0), -- of open holds
	events BIGINT NOT NULL DEFAULT 0,
	cost BIGINT NOT NULL DEFAULT 0, -- micro-units of the organization's currency, as the senders say
	saving BIGINT NOT NULL DEFAULT 0,
	charged BIGINT NOT NULL DEFAULT 0 CHECK (charged >= 0), -- credits taken for `value` so far, of a priced metric
	late_value BIGINT NOT NULL DEFAULT 0, -- how much of `value` came after the cycle was closed
	last_at DATETIME(6) NULL, -- of `last`: when the newest event occurred
	told TINYINT NOT NULL DEFAULT 0, -- the last of 50, 80, 90, 100 % of the quota that was announced
	PRIMARY KEY (organization_id, cycle_starts_at, metric)
);

-- The same by local day, service and operator; empty where the sender named none.
CREATE TABLE usage_day (
	organization_id BINARY(16) NOT NULL,
	day DATE NOT NULL,
	metric VARBINARY(100) NOT NULL,
	service VARBINARY(100) NOT NULL,
	operator VARBINARY(100) NOT NULL,
	cycle_starts_at DATETIME(6) NOT NULL,
	value BIGINT NOT NULL DEFAULT 0,
	events BIGINT NOT NULL DEFAULT 0,
	cost BIGINT NOT NULL DEFAULT 0,
	saving BIGINT NOT NULL DEFAULT 0,
	PRIMARY KEY (organization_id, day, metric, service, operator, cycle_starts_at)
);

-- Different values of a cycle: of a `unique` metric's property; and of the property `app`, under the metric ''.
CREATE TABLE usage_distinct (
	organization_id BINARY(16) NOT NULL,
	cycle_starts_at DATETIME(6) NOT NULL,
	metric VARBINARY(100) NOT NULL,
	value_digest BINARY(32) NOT NULL,
	PRIMARY KEY (organization_id, cycle_starts_at, metric, value_digest)
);

-- What usage.authorize has set aside. Its id is that of the call that made it.
CREATE TABLE usage_hold (
	id BINARY(16) NOT NULL PRIMARY KEY,
	organization_id BINARY(16) NOT NULL,
	cycle_starts_at DATETIME(6) NOT NULL,
	metric VARBINARY(100) NOT NULL,
	quantity BIGINT NOT NULL CHECK (quantity >= 0),
	credits BIGINT NOT NULL DEFAULT 0 CHECK (credits >= 0), -- reserved in the book, of a priced metric
	status ENUM('open', 'committed', 'released', 'lapsed') NOT NULL DEFAULT 'open',
	created_at DATETIME(6) NOT NULL,
	expires_at DATETIME(6) NOT NULL,
	open_until DATETIME(6) AS (IF(status = 'open', expires_at, NULL)) VIRTUAL,
	KEY organization (organization_id, id),
	KEY open_until (open_until)
);

-- The one of 0005; with an empty p_outcome it leaves no audit row.
CREATE OR REPLACE PROCEDURE finish(
	IN p_space BINARY(16),
	IN p_operation VARBINARY(80),
	IN p_key VARBINARY(255),
	IN p_status SMALLINT,
	IN p_reply MEDIUMBLOB,
	IN p_reply_sealed BOOLEAN,
	IN p_call BINARY(16),
	IN p_organization BINARY(16),
	IN p_at DATETIME(6),
	IN p_actor_type VARBINARY(20),
	IN p_actor BINARY(16),
	IN p_address VARBINARY(45),
	IN p_target_type VARBINARY(40),
	IN p_target BINARY(16),
	IN p_outcome VARBINARY(40),
	IN p_request VARBINARY(64)
)
MODIFIES SQL DATA
SQL SECURITY DEFINER
BEGIN
	IF p_space IS NOT NULL THEN
		UPDATE idempotency
		SET status = p_status, reply = p_reply, reply_sealed = p_reply_sealed
		WHERE space = p_space AND operation = p_operation AND idempotency_key = p_key AND call_id = p_call;
		IF ROW_COUNT() <> 1 THEN
			SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'finish: the claim is not there';
		END IF;
	END IF;
	IF p_outcome <> '' THEN
		INSERT INTO audit (id, organization_id, at, actor_type, actor_id, address, operation, target_type, target_id,
			outcome, request_id)
		VALUES (p_call, p_organization, p_at, p_actor_type, p_actor, p_address, p_operation, p_target_type, p_target,
			p_outcome, p_request);
	END IF;
	COMMIT;
END;
