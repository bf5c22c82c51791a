-- Snapshots: what an organization had, as the configured source said, and what its months have cost. The workers add rows and can
-- touch none again. No foreign key leads to the organization: a collector would wait for whoever has its row locked.

CREATE TABLE balance_snapshot (
	organization_id BINARY(16) NOT NULL,
	id BINARY(16) NOT NULL,
	-- Every digit that the source gave: no zero before the first nor behind the second decimal that means nothing, so that equal
	-- amounts are equal texts.
	amount VARBINARY(50) NOT NULL CHECK (amount REGEXP '^-?(0|[1-9][0-9]{0,19})[.][0-9]{2,20}$'),
	currency CHAR(3) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	source ENUM('ledger', 'provider') NOT NULL,
	collected_at DATETIME(6) NOT NULL,
	PRIMARY KEY (organization_id, id)
);

-- A month in the organization's time zone, as it stood when it was collected. Amounts are micro-units of the currency.
CREATE TABLE cost_snapshot (
	organization_id BINARY(16) NOT NULL,
	id BINARY(16) NOT NULL,
	year SMALLINT NOT NULL,
	month TINYINT NOT NULL CHECK (month BETWEEN 1 AND 12),
	currency CHAR(3) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	subscription BIGINT NOT NULL,
	overage BIGINT NOT NULL,
	commitment_shortfall BIGINT NOT NULL,
	tax BIGINT NOT NULL,
	total BIGINT NOT NULL,
	usage_amount BIGINT NOT NULL, -- of all usage, with what stands in no line
	usage_lines LONGTEXT NOT NULL CHECK (JSON_VALID(usage_lines)), -- [{service, operator, unit, quantity, amount}]
	usage_lines_left_out BIGINT NOT NULL, -- how many there are beyond those
	collected_at DATETIME(6) NOT NULL,
	PRIMARY KEY (organization_id, id),
	KEY month (organization_id, year, month, id),
	CHECK (total = subscription + overage + commitment_shortfall + tax)
);

-- When each is collected next; while it is at work: when another may try. Every organization has both rows from its first
-- moment on.
CREATE TABLE snapshot_turn (
	organization_id BINARY(16) NOT NULL,
	kind ENUM('balance', 'costs') NOT NULL,
	due_at DATETIME(6) NOT NULL,
	failures INT NOT NULL DEFAULT 0, -- in a row
	last_error VARCHAR(500) NULL,
	collected_at DATETIME(6) NULL, -- successfully, whether that made a row or not
	PRIMARY KEY (organization_id, kind),
	KEY due (kind, due_at),
	KEY failing (kind, failures)
);
INSERT INTO snapshot_turn (organization_id, kind, due_at)
	SELECT o.id, k.kind, o.created_at + INTERVAL CRC32(o.id) MOD 10800 SECOND
	FROM organization o JOIN (SELECT 'balance' AS kind UNION ALL SELECT 'costs') k;

CREATE TRIGGER organization_is_collected AFTER INSERT ON organization FOR EACH ROW
	INSERT INTO snapshot_turn (organization_id, kind, due_at)
	VALUES (NEW.id, 'balance', NEW.created_at), (NEW.id, 'costs', NEW.created_at);

-- Months whose costs a run, a void or a credit note has changed since they were collected, however old they are. Rows go as
-- they are collected.
CREATE TABLE cost_change (
	organization_id BINARY(16) NOT NULL,
	period CHAR(7) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	PRIMARY KEY (organization_id, period)
);

CREATE TRIGGER monthly_run_changes_costs AFTER UPDATE ON monthly_run FOR EACH ROW
	INSERT IGNORE INTO cost_change (organization_id, period)
	SELECT NEW.organization_id, NEW.period FROM DUAL WHERE NEW.status = 'completed' AND OLD.status <> 'completed';

CREATE TRIGGER invoice_changes_costs AFTER UPDATE ON invoice FOR EACH ROW
	INSERT IGNORE INTO cost_change (organization_id, period)
	SELECT NEW.organization_id, NEW.period FROM DUAL WHERE NEW.period IS NOT NULL AND NEW.status = 'void' AND OLD.status <> 'void';

CREATE TRIGGER credit_note_changes_costs AFTER INSERT ON credit_note FOR EACH ROW
	INSERT IGNORE INTO cost_change (organization_id, period)
	SELECT i.organization_id, i.period FROM invoice i WHERE i.id = NEW.invoice_id AND i.period IS NOT NULL;
