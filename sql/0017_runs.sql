-- Monthly runs: what each organization's month comes to, and which facts a run has billed.

SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION,ERROR_FOR_DIVISION_BY_ZERO';

-- One an organization and period. What a line is computed with (month, price) is kept here, so that a second run finds the same.
CREATE TABLE monthly_run (
	organization_id BINARY(16) NOT NULL,
	period CHAR(7) CHARACTER SET ascii COLLATE ascii_bin NOT NULL, -- YYYY-MM
	status ENUM('running', 'completed', 'nothing_to_do', 'failed') NOT NULL,
	step TINYINT NOT NULL DEFAULT 0, -- how many steps are done
	from_at DATETIME(6) NOT NULL, -- the month in the organization's time zone, when the run began
	to_at DATETIME(6) NOT NULL,
	post_pay BOOLEAN NOT NULL, -- what it invoices is without tax
	currency CHAR(3) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	credit_price BIGINT NOT NULL, -- micro-units for one credit
	through_sequence BIGINT NOT NULL DEFAULT 0, -- up to there the ledger has nothing left to bill
	lines_count INT NOT NULL DEFAULT 0,
	orders_count INT NOT NULL DEFAULT 0,
	lease_token BIGINT NOT NULL DEFAULT 1, -- grows whenever a runner takes it: who has an older one writes nothing more
	leased_until DATETIME(6) NULL,
	steps LONGTEXT NOT NULL DEFAULT '[]' CHECK (JSON_VALID(steps)),
	digest CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL, -- SHA-256 over the canonical lines, in hexadecimal digits
	invoice_id BINARY(16) NULL,
	is_carried BOOLEAN NOT NULL DEFAULT FALSE, -- too little for a card: its lines wait for a later run's invoice
	carried_to CHAR(7) CHARACTER SET ascii COLLATE ascii_bin NULL, -- the run whose invoice has them
	credits BIGINT NOT NULL DEFAULT 0, -- taken from what was available
	subtotal BIGINT NOT NULL DEFAULT 0, -- of the invoice
	tax BIGINT NOT NULL DEFAULT 0,
	total BIGINT NOT NULL DEFAULT 0,
	problem VARCHAR(500) NULL, -- why it failed
	claim_space BINARY(16) NULL, -- of the call that waits for it
	claim_operation VARBINARY(80) NULL,
	claim_key VARBINARY(255) NULL,
	claim_call BINARY(16) NULL,
	claim_request_id VARBINARY(64) NULL,
	started_at DATETIME(6) NOT NULL,
	finished_at DATETIME(6) NULL,
	-- Behind it the run, or the answer to its caller, is the job's to end.
	taken_until DATETIME(6) AS (IF(status = 'running' OR claim_space IS NOT NULL, leased_until, NULL)) VIRTUAL,
	PRIMARY KEY (organization_id, period),
	KEY period (period, organization_id, status),
	KEY taken_until (taken_until)
);

-- What a run has computed, also what was paid by credits. Never changed: the digest is over these.
CREATE TABLE monthly_run_line (
	organization_id BINARY(16) NOT NULL,
	period CHAR(7) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	position INT NOT NULL CHECK (position > 0), -- the canonical order
	kind ENUM('plan_fee', 'overage', 'usage', 'orders', 'refund', 'commitment_shortfall', 'late_usage') NOT NULL,
	description VARCHAR(500) NOT NULL,
	quantity BIGINT NULL, -- millionths
	unit VARCHAR(40) NULL,
	unit_price BIGINT NULL, -- micro-units
	credits BIGINT NULL,
	amount BIGINT NOT NULL, -- micro-units, exact
	paid_from ENUM('available', 'account', 'invoice') NOT NULL, -- account: it is on `receivable` already
	from_at DATETIME(6) NULL,
	to_at DATETIME(6) NULL,
	source LONGTEXT NOT NULL CHECK (JSON_VALID(source)),
	PRIMARY KEY (organization_id, period, position)
);

-- Entries on `receivable` that a run has billed.
CREATE TABLE billed_entry (
	organization_id BINARY(16) NOT NULL,
	sequence BIGINT NOT NULL,
	period CHAR(7) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	by_run BOOLEAN NOT NULL, -- the run has made it, on `receivable` or not, and bills the fact behind it
	is_apart BOOLEAN NOT NULL DEFAULT FALSE, -- on no line: a charge and its refund, or what a credit note gives back
	noted_on BINARY(16) NULL, -- of the latter, and of charges that lower it: the invoice that the note is made of
	PRIMARY KEY (organization_id, sequence),
	KEY period (organization_id, period)
);

-- Of which stretch the entry gives a fee back.
CREATE TABLE subscription_fee_refund (
	organization_id BINARY(16) NOT NULL,
	sequence BIGINT NOT NULL,
	fee_id BINARY(16) NOT NULL,
	PRIMARY KEY (organization_id, sequence),
	KEY fee (fee_id)
);

-- Overage that a run has billed: what the counter had then beyond what runs had billed before; or, settled, what a plan that the
-- cycle had before has sold (usage_overage).
CREATE TABLE billed_usage (
	organization_id BINARY(16) NOT NULL,
	period CHAR(7) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	cycle_starts_at DATETIME(6) NOT NULL,
	metric VARBINARY(100) NOT NULL,
	is_settled BOOLEAN NOT NULL,
	plan_id BINARY(16) NOT NULL, -- whose price it is
	cycle_ends_at DATETIME(6) NOT NULL,
	cycle_name VARBINARY(40) NOT NULL, -- its local days, as they were then
	is_late BOOLEAN NOT NULL, -- the cycle was closed before
	value BIGINT NULL, -- of the counter; NULL, as the next three and credits_before, where it is settled
	settled BIGINT NULL, -- of it: what plans before had judged
	included BIGINT NULL, -- units
	unit_price BIGINT NULL, -- micro-units of the plan's currency
	quantity BIGINT NOT NULL CHECK (quantity >= 0), -- beyond what is included and was billed before
	amount BIGINT NULL, -- settled: what it costs, in micro-units of the plan's currency
	settled_at DATETIME(6) NULL, -- settled: when the plan was changed last
	price_currency CHAR(3) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	price_credit BIGINT NOT NULL, -- what a credit costs in that currency
	credits_before BIGINT NULL, -- billed before
	credits BIGINT NOT NULL,
	paid_from ENUM('available', 'account', 'invoice') NULL, -- NULL: it came to nothing
	PRIMARY KEY (organization_id, period, cycle_starts_at, metric, is_settled, plan_id)
);

-- How far runs have billed a counter: beyond the quota, the credits for that, and what came late.
ALTER TABLE usage_counter
	ADD COLUMN billed_over BIGINT NOT NULL DEFAULT 0 CHECK (billed_over >= 0),
	ADD COLUMN billed_credits BIGINT NOT NULL DEFAULT 0 CHECK (billed_credits >= 0),
	ADD COLUMN billed_late BIGINT NOT NULL DEFAULT 0;

ALTER TABLE usage_cycle ADD COLUMN run_period CHAR(7) CHARACTER SET ascii COLLATE ascii_bin NULL; -- the run that closed it

-- What a run has billed of a fee stays what it was, whatever becomes of the stretch.
ALTER TABLE subscription_fee
	ADD COLUMN run_period CHAR(7) CHARACTER SET ascii COLLATE ascii_bin NULL,
	ADD COLUMN billed BIGINT NULL,
	ADD COLUMN billed_until DATETIME(6) NULL,
	ADD COLUMN paid_from ENUM('available', 'account', 'invoice') NULL,
	ADD KEY run (organization_id, run_period);

-- A month that the operator has asked for, for everybody.
CREATE TABLE run_order (
	period CHAR(7) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
	requested_at DATETIME(6) NOT NULL, -- what failed before is tried again
	look_at DATETIME(6) NULL, -- when there may be something to do; NULL: all is done
	reached BINARY(16) NOT NULL, -- the last organization that this pass has looked at
	finished_at DATETIME(6) NULL,
	KEY look_at (look_at)
);
