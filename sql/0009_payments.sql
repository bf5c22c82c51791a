-- Money taken by card: customers and cards at the processor, payments, approvals, automatic top-ups, refunds, disputes, and
-- the processor's events.

-- Prices include tax. The rate of a country on a day is that of the last row that has begun; a country without a row has
-- none.
CREATE TABLE tax_rate (
	country CHAR(2) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	valid_from DATE NOT NULL,
	name VARCHAR(40) NOT NULL,
	rate BIGINT NOT NULL CHECK (rate >= 0 AND rate < 1000000), -- millionths: 100000 is 10 %
	PRIMARY KEY (country, valid_from)
);
INSERT INTO tax_rate (country, valid_from, name, rate) VALUES ('AU', '2000-07-01', 'GST', 100000);

-- The least that a card can be charged (the processor's own rule).
ALTER TABLE credit_price ADD COLUMN least_charge BIGINT NOT NULL DEFAULT 500000 CHECK (least_charge > 0);
UPDATE credit_price SET least_charge = 300000 WHERE currency = 'GBP';

CREATE TABLE payment_customer (
	organization_id BINARY(16) NOT NULL,
	provider VARBINARY(20) NOT NULL,
	customer_id VARBINARY(100) NOT NULL, -- the processor's
	created_at DATETIME(6) NOT NULL,
	PRIMARY KEY (organization_id, provider),
	UNIQUE KEY customer (provider, customer_id),
	CONSTRAINT payment_customer_organization FOREIGN KEY (organization_id) REFERENCES organization (id)
);

CREATE TABLE payment_method (
	id BINARY(16) NOT NULL PRIMARY KEY,
	organization_id BINARY(16) NOT NULL,
	provider VARBINARY(20) NOT NULL,
	card_id VARBINARY(100) NOT NULL, -- the processor's
	brand VARBINARY(40) NOT NULL,
	last4 VARBINARY(4) NOT NULL,
	exp_month TINYINT UNSIGNED NOT NULL,
	exp_year SMALLINT UNSIGNED NOT NULL,
	is_default BOOLEAN NOT NULL DEFAULT FALSE,
	created_at DATETIME(6) NOT NULL,
	detached_at DATETIME(6) NULL,
	default_of BINARY(16) AS (IF(is_default AND detached_at IS NULL, organization_id, NULL)) VIRTUAL,
	UNIQUE KEY card (provider, card_id),
	UNIQUE KEY default_card (default_of),
	KEY organization (organization_id, id),
	CONSTRAINT payment_method_organization FOREIGN KEY (organization_id) REFERENCES organization (id)
);

CREATE TABLE approval (
	id BINARY(16) NOT NULL PRIMARY KEY,
	organization_id BINARY(16) NOT NULL,
	credits BIGINT NOT NULL CHECK (credits > 0),
	amount BIGINT NOT NULL CHECK (amount > 0), -- micro-units, tax included
	currency CHAR(3) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	status ENUM('pending', 'approved', 'rejected', 'expired') NOT NULL DEFAULT 'pending',
	requested_by BINARY(16) NOT NULL, -- person or key
	requested_by_person BINARY(16) NULL, -- the person behind it
	requested_at DATETIME(6) NOT NULL,
	expires_at DATETIME(6) NOT NULL,
	decided_by BINARY(16) NULL,
	decided_at DATETIME(6) NULL,
	reason VARCHAR(500) NULL,
	payment_id BINARY(16) NULL, -- of the charge in flight, or of the one that succeeded
	last_error VARCHAR(500) NULL,
	expires_pending DATETIME(6) AS (IF(status = 'pending' AND payment_id IS NULL, expires_at, NULL)) VIRTUAL,
	KEY organization (organization_id, id),
	KEY expiry (expires_pending),
	CONSTRAINT approval_organization FOREIGN KEY (organization_id) REFERENCES organization (id)
);

-- An attempt to take money by card. Open are pending, charging, unknown and requires_action: one an organization.
CREATE TABLE payment (
	id BINARY(16) NOT NULL PRIMARY KEY, -- the top-up's id for callers and for the processor
	organization_id BINARY(16) NOT NULL,
	purpose ENUM('topup', 'approval', 'auto_topup') NOT NULL,
	state ENUM('pending', 'charging', 'unknown', 'requires_action', 'succeeded', 'failed') NOT NULL,
	credits BIGINT NOT NULL CHECK (credits > 0), -- what was asked for
	amount BIGINT NOT NULL CHECK (amount > 0), -- micro-units, tax included
	tax BIGINT NOT NULL CHECK (tax >= 0), -- of the amount
	currency CHAR(3) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	description VARCHAR(500) NULL,
	provider VARBINARY(20) NOT NULL,
	customer_id VARBINARY(100) NOT NULL,
	card_id VARBINARY(100) NOT NULL,
	request VARBINARY(4000) NOT NULL, -- what creates the intent, byte for byte
	creations SMALLINT NOT NULL DEFAULT 1, -- which key creates
	attempt SMALLINT NOT NULL DEFAULT 1, -- which key confirms
	intent_id VARBINARY(100) NULL, -- the processor's
	client_secret VARBINARY(500) NULL, -- sealed
	error_code VARBINARY(100) NULL,
	last_error VARCHAR(500) NULL,
	received BIGINT NOT NULL DEFAULT 0 CHECK (received >= 0), -- micro-units that the processor took
	granted BIGINT NOT NULL DEFAULT 0 CHECK (granted >= 0), -- credits that were booked for them
	refunded BIGINT NOT NULL DEFAULT 0 CHECK (refunded >= 0), -- micro-units given back, as the processor told
	disputed BIGINT NOT NULL DEFAULT 0 CHECK (disputed >= 0), -- micro-units that disputes hold at present
	clawed BIGINT NOT NULL DEFAULT 0 CHECK (clawed >= 0 AND clawed <= received), -- micro-units that the ledger took back
	clawed_credits BIGINT NOT NULL DEFAULT 0 CHECK (clawed_credits >= 0 AND clawed_credits <= granted),
	entry_id BINARY(16) NULL, -- of the ledger; also the lot's
	restored_id BINARY(16) NULL, -- likewise, of what was given back last after it had been taken
	balance BIGINT NULL, -- of the organization, when the outcome was booked
	approval_id BINARY(16) NULL,
	supersedes BINARY(16) NULL, -- a payment that waited for its person, to be cancelled before this one is confirmed
	cancel_due BOOLEAN NOT NULL DEFAULT FALSE, -- its intent has still to be cancelled at the processor
	claim_space BINARY(16) NULL,
	claim_operation VARBINARY(80) NULL,
	claim_key VARBINARY(255) NULL,
	claim_call BINARY(16) NULL,
	claim_request_id VARBINARY(64) NULL,
	created_at DATETIME(6) NOT NULL,
	charged_at DATETIME(6) NULL, -- by the processor's clock
	closed_at DATETIME(6) NULL, -- when it failed, or else succeeded, by ours
	missing_since DATETIME(6) NULL, -- since when the processor says that it has no such intent
	look_at DATETIME(6) NULL, -- when the sweeper has to look at it next
	lease_token BIGINT NOT NULL DEFAULT 0, -- grows whenever the sweeper takes it
	open_of BINARY(16) AS (IF(state IN ('pending', 'charging', 'unknown', 'requires_action'), organization_id, NULL)) VIRTUAL,
	UNIQUE KEY open_payment (open_of),
	UNIQUE KEY intent (provider, intent_id),
	KEY organization (organization_id, id),
	KEY look (look_at),
	KEY charged (charged_at),
	CONSTRAINT payment_organization FOREIGN KEY (organization_id) REFERENCES organization (id),
	CONSTRAINT payment_approval FOREIGN KEY (approval_id) REFERENCES approval (id)
);

CREATE TABLE auto_topup (
	organization_id BINARY(16) NOT NULL PRIMARY KEY,
	enabled BOOLEAN NOT NULL,
	threshold_credits BIGINT NOT NULL CHECK (threshold_credits > 0),
	topup_amount_credits BIGINT NOT NULL CHECK (topup_amount_credits > 0),
	daily_charge_cap_aud BIGINT NULL CHECK (daily_charge_cap_aud > 0), -- micro-units
	state ENUM('active', 'paused', 'off') NOT NULL,
	soft_declines SMALLINT NOT NULL DEFAULT 0, -- in a row
	last_attempt_at DATETIME(6) NULL,
	last_error VARCHAR(500) NULL,
	due_at DATETIME(6) NULL, -- when the job has to look at it; NULL: when the credits next fall below the threshold
	capped_until DATETIME(6) NULL, -- that the day's cap keeps it from charging was announced, for the day that ends then
	updated_at DATETIME(6) NOT NULL,
	KEY due (due_at),
	CONSTRAINT auto_topup_organization FOREIGN KEY (organization_id) REFERENCES organization (id)
);

CREATE TABLE payment_refund (
	id BINARY(16) NOT NULL PRIMARY KEY,
	organization_id BINARY(16) NOT NULL,
	payment_id BINARY(16) NOT NULL,
	amount BIGINT NOT NULL CHECK (amount > 0), -- micro-units
	currency CHAR(3) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	reason VARCHAR(500) NOT NULL,
	state ENUM('pending', 'succeeded', 'failed') NOT NULL,
	refund_id VARBINARY(100) NULL, -- the processor's
	clawed_credits BIGINT NOT NULL DEFAULT 0 CHECK (clawed_credits >= 0), -- its part of what the ledger took back
	last_error VARCHAR(500) NULL,
	claim_space BINARY(16) NULL,
	claim_operation VARBINARY(80) NULL,
	claim_key VARBINARY(255) NULL,
	claim_call BINARY(16) NULL,
	claim_request_id VARBINARY(64) NULL,
	created_at DATETIME(6) NOT NULL,
	closed_at DATETIME(6) NULL,
	look_at DATETIME(6) NULL,
	lease_token BIGINT NOT NULL DEFAULT 0,
	open_of BINARY(16) AS (IF(state = 'pending', payment_id, NULL)) VIRTUAL,
	UNIQUE KEY open_refund (open_of), -- one at a time, so that what is left is known
	UNIQUE KEY refund (refund_id),
	KEY payment (payment_id),
	KEY look (look_at),
	CONSTRAINT payment_refund_payment FOREIGN KEY (payment_id) REFERENCES payment (id)
);

CREATE TABLE payment_dispute (
	dispute_id VARBINARY(100) NOT NULL PRIMARY KEY, -- the processor's
	organization_id BINARY(16) NOT NULL,
	payment_id BINARY(16) NOT NULL,
	amount BIGINT NOT NULL CHECK (amount > 0), -- micro-units
	withdrawn BOOLEAN NOT NULL DEFAULT FALSE, -- the processor took the money back
	reinstated BOOLEAN NOT NULL DEFAULT FALSE, -- and gave it again
	status ENUM('open', 'won', 'lost') NOT NULL DEFAULT 'open',
	created_at DATETIME(6) NOT NULL,
	updated_at DATETIME(6) NOT NULL,
	KEY payment (payment_id),
	CONSTRAINT payment_dispute_payment FOREIGN KEY (payment_id) REFERENCES payment (id)
);

-- The processor's events that were taken in: each once.
CREATE TABLE provider_event (
	provider VARBINARY(20) NOT NULL,
	event_id VARBINARY(100) NOT NULL,
	type VARBINARY(100) NOT NULL,
	created_at DATETIME(6) NOT NULL,
	PRIMARY KEY (provider, event_id),
	KEY created_at (created_at)
);

-- Until when an open claim waits for a worker that may be gone; NULL: whoever books the outcome answers it.
ALTER TABLE idempotency ADD COLUMN open_until DATETIME(6) NULL, ADD KEY open_until (open_until);

-- The reply of a claim that was left open. Only the first answer counts.
CREATE PROCEDURE claim_answer(
	IN p_space BINARY(16),
	IN p_operation VARBINARY(80),
	IN p_key VARBINARY(255),
	IN p_call BINARY(16),
	IN p_status SMALLINT,
	IN p_reply MEDIUMBLOB,
	IN p_reply_sealed BOOLEAN
)
MODIFIES SQL DATA
SQL SECURITY DEFINER
BEGIN
	UPDATE idempotency
	SET status = p_status, reply = p_reply, reply_sealed = p_reply_sealed, open_until = NULL
	WHERE space = p_space AND operation = p_operation AND idempotency_key = p_key AND call_id = p_call AND status IS NULL;
END;

-- Until when the open claim waits; NULL: until it is answered.
CREATE PROCEDURE claim_wait(
	IN p_space BINARY(16),
	IN p_operation VARBINARY(80),
	IN p_key VARBINARY(255),
	IN p_call BINARY(16),
	IN p_open_until DATETIME(6)
)
MODIFIES SQL DATA
SQL SECURITY DEFINER
BEGIN
	UPDATE idempotency SET open_until = p_open_until
	WHERE space = p_space AND operation = p_operation AND idempotency_key = p_key AND call_id = p_call AND status IS NULL;
END;

INSERT INTO notification_rule (type, roles) VALUES
	('topup.failed', 'owner,admin,billing'),
	('topup.requires_action', 'owner,admin,billing'),
	('approval.requested', 'owner,admin,billing'),
	('approval.decided', 'owner,admin,billing'),
	('approval.expired', 'owner,admin,billing'),
	('auto_topup.paused', 'owner,admin,billing'),
	('auto_topup.capped', 'owner,admin,billing');
