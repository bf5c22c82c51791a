-- Commitments: how much an organization has promised to use in a term, what counted towards it, and what was due at the end.
-- book_set_currency of 0008 is made anew here.

SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION,ERROR_FOR_DIVISION_BY_ZERO';

-- Money is in micro-units of the organization's currency, which stays what it is while there are commitments.
CREATE TABLE commitment (
	organization_id BINARY(16) NOT NULL,
	id BINARY(16) NOT NULL,
	name VARBINARY(800) NOT NULL,
	starts_on CHAR(10) CHARACTER SET ascii COLLATE ascii_bin NOT NULL, -- local days, both within the term
	ends_on CHAR(10) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	starts_at DATETIME(6) NOT NULL, -- the term as it was when it was made or amended; half-open
	ends_at DATETIME(6) NOT NULL,
	amount BIGINT NOT NULL CHECK (amount > 0),
	currency CHAR(3) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	services MEDIUMTEXT NULL, -- whose order lines count, one a line; NULL: all
	true_up ENUM('at_end', 'milestones') NOT NULL,
	rollover_percent TINYINT NOT NULL CHECK (rollover_percent BETWEEN 0 AND 100),
	carried_in BIGINT NOT NULL DEFAULT 0 CHECK (carried_in >= 0), -- from those of the same name before it
	consumed BIGINT NOT NULL DEFAULT 0 CHECK (consumed >= 0), -- the sum of commitment_use in the term
	used_at DATETIME(6) NULL, -- when the last order counted; nobody changes it at an earlier time
	next_at DATETIME(6) NULL, -- when something may fall due next: at a milestone or the end; NULL: never
	behind_told CHAR(7) CHARACTER SET ascii COLLATE ascii_bin NULL, -- the last month in which its pace was announced
	cancelled_at DATETIME(6) NULL,
	ended_at DATETIME(6) NULL, -- when the end of its term was written down
	rollover BIGINT NULL CHECK (rollover >= 0), -- what of its excess counts for the next of its name, or still may
	carried_to BINARY(16) NULL, -- which that was
	created_at DATETIME(6) NOT NULL,
	updated_at DATETIME(6) NOT NULL, -- no order that counts later has an earlier time
	PRIMARY KEY (organization_id, id),
	KEY running (organization_id, next_at),
	KEY named (organization_id, name),
	KEY next_at (next_at),
	CHECK (starts_at < ends_at),
	CONSTRAINT commitment_organization FOREIGN KEY (organization_id) REFERENCES organization (id)
);

-- What was agreed from when on: statements of months that are over stay what they were.
CREATE TABLE commitment_terms (
	organization_id BINARY(16) NOT NULL,
	commitment_id BINARY(16) NOT NULL,
	at DATETIME(6) NOT NULL,
	amount BIGINT NOT NULL,
	carried_in BIGINT NOT NULL,
	PRIMARY KEY (organization_id, commitment_id, at)
);

CREATE TRIGGER commitment_is_agreed AFTER INSERT ON commitment FOR EACH ROW
	INSERT INTO commitment_terms (organization_id, commitment_id, at, amount, carried_in)
	VALUES (NEW.organization_id, NEW.id, NEW.created_at, NEW.amount, NEW.carried_in);

CREATE TRIGGER commitment_is_agreed_anew AFTER UPDATE ON commitment FOR EACH ROW
BEGIN
	IF NEW.amount <> OLD.amount OR NEW.carried_in <> OLD.carried_in THEN
		INSERT INTO commitment_terms (organization_id, commitment_id, at, amount, carried_in)
		VALUES (NEW.organization_id, NEW.id, NEW.updated_at, NEW.amount, NEW.carried_in)
		ON DUPLICATE KEY UPDATE amount = NEW.amount, carried_in = NEW.carried_in;
	END IF;
END;

-- How much is to be used until when, in all.
CREATE TABLE commitment_milestone (
	organization_id BINARY(16) NOT NULL,
	commitment_id BINARY(16) NOT NULL,
	day CHAR(10) CHARACTER SET ascii COLLATE ascii_bin NOT NULL, -- the last day that counts
	at DATETIME(6) NOT NULL, -- its end
	amount BIGINT NOT NULL CHECK (amount > 0),
	PRIMARY KEY (organization_id, commitment_id, day)
);

-- What was due at a milestone or the end; a row is never changed but by the monthly run that bills it.
CREATE TABLE commitment_due (
	organization_id BINARY(16) NOT NULL,
	commitment_id BINARY(16) NOT NULL,
	day CHAR(10) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	at DATETIME(6) NOT NULL,
	is_end BOOLEAN NOT NULL,
	promised BIGINT NOT NULL CHECK (promised >= 0), -- until then, as it was agreed
	committed BIGINT NOT NULL CHECK (committed >= 0), -- until then, what was carried in taken off
	consumed BIGINT NOT NULL CHECK (consumed >= 0), -- before that moment
	billed_before BIGINT NOT NULL CHECK (billed_before >= 0), -- what had been due before
	due BIGINT NOT NULL CHECK (due >= 0),
	created_at DATETIME(6) NOT NULL,
	run_period CHAR(7) CHARACTER SET ascii COLLATE ascii_bin NULL, -- of the run that billed it
	settled_at DATETIME(6) NULL,
	PRIMARY KEY (organization_id, commitment_id, day),
	KEY unbilled (organization_id, run_period)
);

-- An order line that counts towards a commitment, and the same with its sign turned where the order was refunded. Rows are
-- left and never touched again. Sums over all of a term are read from the keys alone.
CREATE TABLE commitment_use (
	organization_id BINARY(16) NOT NULL,
	order_id BINARY(16) NOT NULL,
	line SMALLINT NOT NULL CHECK (line >= 0), -- its place among the settled order's, from 0
	is_refund BOOLEAN NOT NULL,
	commitment_id BINARY(16) NOT NULL,
	at DATETIME(6) NOT NULL,
	sequence BIGINT NOT NULL, -- of the first entry of the ledger that was booked with it: statements are cut there
	credits BIGINT NOT NULL,
	amount BIGINT NOT NULL, -- the credits at their price
	PRIMARY KEY (organization_id, order_id, line, is_refund),
	KEY commitment (organization_id, commitment_id, at, amount),
	KEY booked (organization_id, commitment_id, sequence, at, amount)
);

-- What the organization owes in money behind each entry that changed it. Kept where lines are written, in whatever way, and
-- touched by nothing else: statements hold the sum of the lines against it. Lines of money are written by INSERT ... SELECT,
-- whose trigger reads without locks: neighbours wait for nobody.
CREATE TABLE receivable_after (
	organization_id BINARY(16) NOT NULL,
	currency CHAR(3) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	sequence BIGINT NOT NULL,
	amount BIGINT NOT NULL,
	PRIMARY KEY (organization_id, currency, sequence)
);
INSERT INTO receivable_after (organization_id, currency, sequence, amount)
	SELECT l.organization_id, l.unit, l.sequence,
		CAST(SUM(SUM(l.amount)) OVER (PARTITION BY l.organization_id, l.unit ORDER BY l.sequence) AS SIGNED)
	FROM journal_line l WHERE l.account = 'receivable' GROUP BY l.organization_id, l.unit, l.sequence;

CREATE TRIGGER receivable_is_kept AFTER INSERT ON journal_line FOR EACH ROW
BEGIN
	DECLARE v_before BIGINT;

	IF NEW.account = 'receivable' THEN
		SELECT COALESCE(SUM(r.amount), 0) INTO v_before FROM receivable_after r
		WHERE r.organization_id = NEW.organization_id AND r.currency = NEW.unit AND r.sequence =
			(SELECT MAX(b.sequence) FROM receivable_after b WHERE b.organization_id = NEW.organization_id
				AND b.currency = NEW.unit AND b.sequence <= NEW.sequence);
		INSERT INTO receivable_after (organization_id, currency, sequence, amount)
		VALUES (NEW.organization_id, NEW.unit, NEW.sequence, v_before + NEW.amount)
		ON DUPLICATE KEY UPDATE amount = amount + NEW.amount;
	END IF;
END;

ALTER TABLE journal_entry ADD KEY at (organization_id, at, sequence);

-- Places are not in the order of times, where several were booked at once or a clock went back. The last, by its place, of each
-- day's entries (in UTC) that came when a later one was there: with these a month's end is found by its time, however many
-- entries there are. Most entries are in order, and cost one look at the key.
CREATE TABLE journal_late (
	organization_id BINARY(16) NOT NULL,
	day DATE NOT NULL,
	sequence BIGINT NOT NULL,
	PRIMARY KEY (organization_id, day)
);
INSERT INTO journal_late (organization_id, day, sequence)
	SELECT e.organization_id, DATE(e.at), MAX(e.sequence) FROM (SELECT j.organization_id, j.sequence, j.at,
		MAX(j.at) OVER (PARTITION BY j.organization_id ORDER BY j.sequence ROWS UNBOUNDED PRECEDING) AS newest
		FROM journal_entry j) e WHERE e.at < e.newest GROUP BY e.organization_id, DATE(e.at);

CREATE TRIGGER journal_late_is_kept AFTER INSERT ON journal_entry FOR EACH ROW
BEGIN
	DECLARE newest DATETIME(6);

	SELECT MAX(e.at) INTO newest FROM journal_entry e WHERE e.organization_id = NEW.organization_id;
	IF NEW.at < newest THEN
		INSERT INTO journal_late (organization_id, day, sequence) VALUES (NEW.organization_id, DATE(NEW.at), NEW.sequence)
		ON DUPLICATE KEY UPDATE sequence = GREATEST(sequence, NEW.sequence);
	END IF;
END;

-- The currency of a book without entries, limits and commitments; of another it stays.
CREATE OR REPLACE PROCEDURE book_set_currency(IN p_organization BINARY(16), IN p_currency CHAR(3) CHARACTER SET ascii)
MODIFIES SQL DATA
SQL SECURITY DEFINER
BEGIN
	UPDATE book SET currency = p_currency
	WHERE organization_id = p_organization AND sequence = 0 AND hard_limit IS NULL AND soft_limit IS NULL
		AND NOT EXISTS (SELECT 1 FROM commitment c WHERE c.organization_id = p_organization AND c.cancelled_at IS NULL);
END;

INSERT INTO notification_rule (type, roles, subject) VALUES
	('commitment.behind', 'owner,admin,billing', FALSE),
	('commitment.due', 'owner,admin,billing', FALSE);
