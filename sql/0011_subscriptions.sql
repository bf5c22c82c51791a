-- Subscriptions, and the cycles that counters, quotas and spending limits belong to.

-- One an organization and product that is not cancelled. `period` is what the fee is for: a month or a year, counted from the
-- anchor; the cycles of usage are always months.
CREATE TABLE subscription (
	id BINARY(16) NOT NULL PRIMARY KEY,
	organization_id BINARY(16) NOT NULL,
	product ENUM('platform', 'spaces') NOT NULL,
	plan_id BINARY(16) NOT NULL,
	cycle ENUM('monthly', 'yearly') NOT NULL,
	seats INT NOT NULL DEFAULT 1 CHECK (seats > 0),
	-- incomplete: its first fee waits for a card.
	status ENUM('incomplete', 'trialing', 'active', 'past_due', 'paused', 'cancelled') NOT NULL,
	anchor_on DATE NOT NULL, -- the local day that periods are counted from
	started_at DATETIME(6) NOT NULL,
	period_starts_at DATETIME(6) NOT NULL,
	period_ends_at DATETIME(6) NOT NULL,
	trial_ends_at DATETIME(6) NULL,
	cancel_at DATETIME(6) NULL,
	cancelled_at DATETIME(6) NULL,
	fee_credits BIGINT NOT NULL DEFAULT 0 CHECK (fee_credits >= 0), -- what the present period has cost, worth in credits
	fee_sequence BIGINT NULL, -- the ledger entry that took it; NULL: not charged yet (the monthly run does), or on account
	payment_id BINARY(16) NULL, -- the card payment that a start or change waits for
	past_due_since DATETIME(6) NULL,
	retries INT NOT NULL DEFAULT 0, -- failed attempts since
	retry_at DATETIME(6) NULL, -- when the next attempt is due; NULL: none
	pause_reason LONGTEXT NULL CHECK (JSON_VALID(pause_reason)), -- {"invoices": [...]}, of the org record
	created_at DATETIME(6) NOT NULL,
	updated_at DATETIME(6) NOT NULL,
	open_product VARBINARY(10) AS (IF(status = 'cancelled', NULL, product)) VIRTUAL,
	UNIQUE KEY open_one (organization_id, open_product),
	KEY period (period_ends_at),
	KEY retry (retry_at),
	CONSTRAINT subscription_organization FOREIGN KEY (organization_id) REFERENCES organization (id),
	CONSTRAINT subscription_plan FOREIGN KEY (plan_id) REFERENCES plan (id)
);

-- End to end; a row is there from the first time on that somebody needed it.
CREATE TABLE usage_cycle (
	organization_id BINARY(16) NOT NULL,
	starts_at DATETIME(6) NOT NULL,
	ends_at DATETIME(6) NOT NULL,
	plan_id BINARY(16) NULL,
	subscription_id BINARY(16) NULL,
	closed_at DATETIME(6) NULL, -- when the monthly run closed its usage
	PRIMARY KEY (organization_id, starts_at),
	CHECK (starts_at < ends_at)
);
