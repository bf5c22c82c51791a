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
	settled BIGINT NOT NULL DEFAULT 0 CHECK (settled >= 0), -- how much of `value` was judged by plans that the cycle had before
	late_value BIGINT NOT NULL DEFAULT 0, -- how much of `value` came after the cycle was closed
	last_at DATETIME(6) NULL, -- of `last`: when the newest event occurred
	told TINYINT NOT NULL DEFAULT 0, -- the last of 50, 80, 90, 100 % of the quota that was announced
	reset_told BOOLEAN NOT NULL DEFAULT FALSE, -- that its cycle is over, and the quota free again
	reset_due DATETIME(6) AS (IF(told > 0 AND NOT reset_told, cycle_starts_at, NULL)) VIRTUAL,
	PRIMARY KEY (organization_id, cycle_starts_at, metric),
	KEY reset_due (reset_due)
);

-- Overage that a cycle has from a plan that it had before, written down when the plan changed: each unit is judged by the plan
-- in force when it was used. What is beyond the present plan's quota and beyond `settled` comes on top of these. Only of
-- metrics that are summed or counted and not charged as they are used.
CREATE TABLE usage_overage (
	id BINARY(16) NOT NULL PRIMARY KEY,
	organization_id BINARY(16) NOT NULL,
	cycle_starts_at DATETIME(6) NOT NULL,
	metric VARBINARY(100) NOT NULL,
	plan_id BINARY(16) NOT NULL, -- whose price it is
	settled_at DATETIME(6) NOT NULL,
	quantity BIGINT NOT NULL CHECK (quantity > 0), -- millionths of a unit
	amount BIGINT NOT NULL CHECK (amount >= 0), -- micro-units, rounded half-even
	currency CHAR(3) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	run_period VARCHAR(7) CHARACTER SET ascii NULL, -- the month whose run has charged it; NULL: none yet
	KEY organization (organization_id, cycle_starts_at, metric),
	CONSTRAINT usage_overage_plan FOREIGN KEY (plan_id) REFERENCES plan (id)
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
	last_at DATETIME(6) NULL,
	PRIMARY KEY (organization_id, day, metric, service, operator, cycle_starts_at)
);

-- Different values of a cycle: of a `unique` metric's property; and of the property `app`, under the metric ''.
CREATE TABLE usage_distinct (
	organization_id BINARY(16) NOT NULL,
	cycle_starts_at DATETIME(6) NOT NULL,
	metric VARBINARY(100) NOT NULL,
	value_digest BINARY(32) NOT NULL,
	PRIMARY KEY (organization_id, cycle_starts_at, metric, value_digest),
	KEY cycle_starts_at (cycle_starts_at)
);

-- What usage.authorize has set aside. Its id is that of the call that made it.
CREATE TABLE usage_hold (
	id BINARY(16) NOT NULL PRIMARY KEY,
	organization_id BINARY(16) NOT NULL,
	cycle_starts_at DATETIME(6) NOT NULL,
	metric VARBINARY(100) NOT NULL,
	quantity BIGINT NOT NULL CHECK (quantity >= 0),
	credits BIGINT NOT NULL DEFAULT 0 CHECK (credits >= 0), -- reserved in the book, of a priced metric
	post_pay BOOLEAN NOT NULL DEFAULT FALSE, -- they are reserved on account
	status ENUM('open', 'committed', 'released', 'lapsed') NOT NULL DEFAULT 'open',
	created_at DATETIME(6) NOT NULL,
	expires_at DATETIME(6) NOT NULL,
	committed BIGINT NULL CHECK (committed >= 0), -- how much was used, and the credits that were charged for it
	charged BIGINT NULL CHECK (charged >= 0),
	open_until DATETIME(6) AS (IF(status = 'open', expires_at, NULL)) VIRTUAL,
	KEY organization (organization_id, open_until),
	KEY open_until (open_until)
);

-- Who has an answer to the question of free credits; an organization without a row waits for it.
CREATE TABLE free_tier (
	organization_id BINARY(16) NOT NULL PRIMARY KEY,
	status ENUM('granted', 'revoked') NOT NULL,
	credits BIGINT NOT NULL CHECK (credits >= 0), -- granted
	lot_id BINARY(16) NULL, -- what the grant made; NULL: nothing was granted, or a debt took all of it
	granted_at DATETIME(6) NULL,
	revoked_at DATETIME(6) NULL,
	expired BIGINT NOT NULL DEFAULT 0 CHECK (expired >= 0), -- of what was left, when it was revoked
	CONSTRAINT free_tier_organization FOREIGN KEY (organization_id) REFERENCES organization (id)
);

-- When a mail of the kind last went out: limit.soft, limit.hard, payment_failed, usage_reset, usage_50, … Those before this
-- migration are in the outbox.
CREATE TABLE alert_mail (
	organization_id BINARY(16) NOT NULL,
	type VARBINARY(60) NOT NULL,
	at DATETIME(6) NOT NULL,
	PRIMARY KEY (organization_id, type)
);
INSERT INTO alert_mail (organization_id, type, at)
	SELECT organization_id, type, MAX(created_at) FROM outbox
	WHERE kind = 'mail' AND type IN ('limit.soft', 'limit.hard') AND organization_id IS NOT NULL GROUP BY organization_id, type;

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

-- May so much more of a metric be used, and where p_expires_at says so, holds it. One round trip. Answers one row, whose
-- `outcome` is
--     ok          the answer stands; `reason` tells why it is no, or is NULL
--     reserve     it is held; `credits` have to be reserved for it by ledger_post, in this transaction
--     lapse       it would be a no, but there are holds whose time is over: to be called again when what they have is given back,
--                 in another transaction
--     no_metric, not_added (the metric is no sum of its events), not_whole (a part of an event), no_cycle (the row of the
--                 present cycle is not there yet): nothing was done
--
-- Within the quota, of a metric without a price, one conditional UPDATE of the counter decides. Else what it takes has to
-- fit into the book, which is locked last: credits to be reserved, rounded up; or what everything beyond the quotas is
-- worth, by this plan and those that the cycle had before, which the end of the cycle charges. A hold counts until its row says that it has ended: the row's lock decides whether
-- it is committed or lapses, whatever anybody's clock says meanwhile. `remaining` leaves out those whose time is over.
--
-- p_cycle_starts_at: the cycle; NULL for the present one. p_is_all: nothing else belongs to this transaction, so that it is
-- ended here, as far as it can be (`committed`): the counter, which all callers of an organization wait for, is held for no
-- round trip then. A second hold of the same id is an error of its key (1062).
CREATE PROCEDURE usage_authorize(
	IN p_organization BINARY(16),
	IN p_at DATETIME(6),
	IN p_cycle_starts_at DATETIME(6),
	IN p_metric VARBINARY(100),
	IN p_quantity BIGINT,
	IN p_hold BINARY(16),
	IN p_expires_at DATETIME(6),
	IN p_is_all BOOLEAN
)
MODIFIES SQL DATA
SQL SECURITY DEFINER
BEGIN
	DECLARE v_aggregation VARCHAR(10) CHARACTER SET ascii;
	DECLARE v_starts_at DATETIME(6);
	DECLARE v_plan BINARY(16);
	DECLARE v_unit_credits, v_included, v_overage_price, v_value, v_held, v_used BIGINT;
	DECLARE v_credits BIGINT DEFAULT 0;
	DECLARE v_available, v_spent, v_limit BIGINT;
	DECLARE v_needs, v_price DECIMAL(60) DEFAULT 0;
	DECLARE v_currency CHAR(3) CHARACTER SET ascii COLLATE ascii_bin;
	DECLARE v_taken, v_fits, v_is_over, v_has_lapsed, v_post_pay, v_hard_told, v_committed BOOLEAN DEFAULT FALSE;
	DECLARE v_due BOOLEAN;
	DECLARE v_outcome VARCHAR(20) CHARACTER SET ascii DEFAULT 'ok';
	DECLARE v_reason VARCHAR(20) CHARACTER SET ascii DEFAULT NULL;

	SELECT m.aggregation, m.unit_credits, c.starts_at, c.plan_id, q.included * 1000000, q.overage_unit_price
	INTO v_aggregation, v_unit_credits, v_starts_at, v_plan, v_included, v_overage_price
	FROM usage_metric m
	LEFT JOIN usage_cycle c ON c.organization_id = p_organization
		AND c.starts_at = COALESCE(p_cycle_starts_at, (SELECT x.starts_at FROM usage_cycle x
			WHERE x.organization_id = p_organization AND x.starts_at <= p_at ORDER BY x.starts_at DESC LIMIT 1))
		AND (p_cycle_starts_at IS NOT NULL OR c.ends_at > p_at)
	LEFT JOIN plan_quota q ON q.plan_id = c.plan_id AND q.metric = m.name
	WHERE m.name = p_metric;

	IF v_aggregation IS NULL THEN
		SET v_outcome = 'no_metric';
	ELSEIF v_aggregation NOT IN ('sum', 'count') THEN
		SET v_outcome = 'not_added';
	ELSEIF v_aggregation = 'count' AND p_quantity MOD 1000000 <> 0 THEN
		SET v_outcome = 'not_whole';
	ELSEIF v_starts_at IS NULL THEN
		SET v_outcome = 'no_cycle';
	ELSE
		IF p_expires_at IS NOT NULL AND v_unit_credits IS NULL THEN
			UPDATE usage_counter SET value = (@purser_value := value), held = (@purser_held := held + p_quantity)
			WHERE organization_id = p_organization AND cycle_starts_at = v_starts_at AND metric = p_metric
				AND value <= COALESCE(v_included, 4000000000000000000) - p_quantity - held;
			SET v_taken = ROW_COUNT() = 1;
		END IF;
		IF v_taken THEN
			SET v_fits = TRUE, v_value = @purser_value, v_held = @purser_held;
		ELSE -- before any figure is read: what is given back meanwhile is in them then
			SELECT EXISTS (SELECT 1 FROM usage_hold h FORCE INDEX (organization) -- SET would lock what it reads
				WHERE h.organization_id = p_organization AND h.open_until <= p_at) INTO v_has_lapsed;
			IF p_expires_at IS NULL THEN
				SELECT c.value, c.held INTO v_value, v_held FROM usage_counter c
				WHERE c.organization_id = p_organization AND c.cycle_starts_at = v_starts_at AND c.metric = p_metric;
			ELSE
				SELECT c.value, c.held INTO v_value, v_held FROM usage_counter c
				WHERE c.organization_id = p_organization AND c.cycle_starts_at = v_starts_at AND c.metric = p_metric
				FOR UPDATE;
				IF v_value IS NULL THEN
					INSERT INTO usage_counter (organization_id, cycle_starts_at, metric)
					VALUES (p_organization, v_starts_at, p_metric)
					ON DUPLICATE KEY UPDATE held = held;
					SELECT c.value, c.held INTO v_value, v_held FROM usage_counter c
					WHERE c.organization_id = p_organization AND c.cycle_starts_at = v_starts_at AND c.metric = p_metric;
				END IF;
			END IF;
		END IF;
		SET v_used = COALESCE(v_value, 0) + COALESCE(v_held, 0);

		IF NOT v_fits THEN
			IF v_used > 4000000000000000000 - p_quantity OR v_used > v_included - p_quantity AND v_overage_price IS NULL THEN
				SET v_reason = 'quota_exceeded';
			ELSEIF v_unit_credits IS NOT NULL THEN
				SET v_needs = CAST(p_quantity AS DECIMAL(60)) * v_unit_credits;
				SET v_needs = (v_needs - v_needs MOD 1000000000000) / 1000000000000 + (v_needs MOD 1000000000000 > 0);
			ELSEIF v_used > v_included - p_quantity AND v_overage_price > 0 THEN
				SET v_is_over = TRUE;
			END IF;
			IF v_needs > 0 OR v_is_over THEN
				SELECT b.available, b.post_pay, IF(b.cycle_ends_at <= p_at, b.reserved + b.committed, b.cycle_spend),
					b.hard_limit, b.hard_told_at IS NOT NULL OR COALESCE(b.cycle_ends_at <= p_at, TRUE),
					b.next_lot_expiry <= p_at
				INTO v_available, v_post_pay, v_spent, v_limit, v_hard_told, v_due
				FROM book b WHERE b.organization_id = p_organization FOR UPDATE;
				IF v_due THEN
					SELECT v_available - LEAST(v_available, COALESCE(SUM(l.remaining), 0)) INTO v_available
					FROM lot l
					WHERE l.organization_id = p_organization AND l.is_open = TRUE AND NOT l.fell_due
						AND l.expires_at <= p_at;
				END IF;
				IF v_is_over THEN
					SELECT SUM(GREATEST(0, COALESCE(CAST(c.value AS DECIMAL(60)) + c.held, 0)
							+ IF(q.metric = p_metric, p_quantity, 0)
							- GREATEST(CAST(q.included AS DECIMAL(60)) * 1000000, COALESCE(c.settled, 0)))
							* q.overage_unit_price),
						1000000 * MAX(r.price), MAX(p.currency)
					INTO v_needs, v_price, v_currency
					FROM plan_quota q
					JOIN plan p ON p.id = q.plan_id
					JOIN credit_price r ON r.currency = p.currency
					JOIN usage_metric m ON m.name = q.metric AND m.unit_credits IS NULL
						AND m.aggregation IN ('sum', 'count')
					LEFT JOIN usage_counter c ON c.organization_id = p_organization AND c.cycle_starts_at = v_starts_at
						AND c.metric = q.metric
					WHERE q.plan_id = v_plan AND q.overage_unit_price IS NOT NULL;
					SELECT v_needs + COALESCE(SUM(IF(o.currency = v_currency, CAST(o.amount AS DECIMAL(60)) * 1000000,
							CAST((CAST(o.amount AS DECIMAL(60)) + r.price - 1) DIV r.price AS DECIMAL(60)) * v_price)), 0)
					INTO v_needs
					FROM usage_overage o
					JOIN credit_price r ON r.currency = o.currency
					WHERE o.organization_id = p_organization AND o.cycle_starts_at = v_starts_at AND o.run_period IS NULL;
					SET v_needs = (v_needs - v_needs MOD v_price) / v_price + (v_needs MOD v_price > 0);
				END IF;
				IF NOT v_post_pay AND v_needs > v_available OR v_needs > 1000000000000 THEN
					SET v_reason = 'insufficient_credits';
				ELSEIF v_needs > v_limit - v_spent THEN
					SET v_reason = 'limit_reached';
				END IF;
				IF v_reason IS NULL AND NOT v_is_over THEN
					SET v_credits = v_needs;
				END IF;
			END IF;
			IF v_reason IS NOT NULL AND v_has_lapsed THEN
				SET v_outcome = 'lapse';
			END IF;
			IF v_reason IS NULL AND p_expires_at IS NOT NULL THEN
				UPDATE usage_counter SET held = held + p_quantity
				WHERE organization_id = p_organization AND cycle_starts_at = v_starts_at AND metric = p_metric;
				SET v_taken = TRUE, v_used = v_used + p_quantity;
			END IF;
		END IF;

		IF v_taken THEN
			INSERT INTO usage_hold (id, organization_id, cycle_starts_at, metric, quantity, credits, post_pay, created_at,
				expires_at)
			VALUES (p_hold, p_organization, v_starts_at, p_metric, p_quantity, v_credits, v_post_pay, p_at, p_expires_at);
			IF v_credits > 0 THEN
				SET v_outcome = 'reserve';
			END IF;
		END IF;
		IF p_is_all AND v_outcome = 'ok' AND (v_hard_told OR v_reason IS NULL OR v_reason <> 'limit_reached') THEN
			COMMIT;
			SET v_committed = TRUE;
		END IF;
		IF v_included IS NOT NULL AND (v_fits OR v_has_lapsed) THEN -- for the answer alone, and so when the counter is free again
			SELECT v_used - COALESCE(SUM(h.quantity), 0) INTO v_used FROM usage_hold h
			WHERE h.organization_id = p_organization AND h.open_until <= p_at AND h.metric = p_metric
				AND h.cycle_starts_at = v_starts_at;
			IF v_committed THEN
				COMMIT; -- nothing stays open behind it
			END IF;
		END IF;
	END IF;

	SELECT v_outcome AS outcome, v_reason AS reason, GREATEST(0, v_included - v_used) AS remaining, v_credits AS credits,
		v_post_pay AS post_pay, v_available AS available, v_spent AS spent, v_limit AS hard_limit,
		v_hard_told AS hard_told, v_committed AS committed;
END;

-- What is left of a lot that an operator takes back, and cannot be had because it is reserved: it expires as that is
-- released, as if it had fallen due.
CREATE PROCEDURE lot_take_back(IN p_organization BINARY(16), IN p_lot BINARY(16))
MODIFIES SQL DATA
SQL SECURITY DEFINER
BEGIN
	UPDATE lot l JOIN book b ON b.organization_id = l.organization_id
	SET b.lapsed = b.lapsed + l.remaining, l.fell_due = TRUE
	WHERE l.id = p_lot AND l.organization_id = p_organization AND l.remaining > 0 AND NOT l.fell_due;
	UPDATE book b SET b.next_lot_expiry = (SELECT MIN(l.expires_at) FROM lot l
		WHERE l.organization_id = p_organization AND l.is_open = TRUE AND NOT l.fell_due)
	WHERE b.organization_id = p_organization;
END;
