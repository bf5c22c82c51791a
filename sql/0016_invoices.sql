-- Invoices and credit notes, and what the ledger needs for them: four reasons that move money alone. ledger_post is redefined
-- below; a later migration that changes it again starts from there.

SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION,ERROR_FOR_DIVISION_BY_ZERO';

-- The numbers that come next. A row is locked last in a transaction, right before its commit: whoever rolls back has taken no
-- number, and whoever commits took the one behind the last committed.
CREATE TABLE number_series (
	name VARBINARY(20) NOT NULL PRIMARY KEY,
	next BIGINT NOT NULL CHECK (next > 0),
	last_at DATETIME(6) NOT NULL DEFAULT '2000-01-01' -- when the last was given
);
INSERT INTO number_series (name, next) VALUES ('invoice', 1), ('credit_note', 1);

-- subtotal + tax = total; with tax_included the lines' amounts add up to the total, else to the subtotal. What is left to be
-- paid is total - credited - written_off - paid. No foreign key to the organization: who books a payment would lock its row.
CREATE TABLE invoice (
	id BINARY(16) NOT NULL PRIMARY KEY,
	organization_id BINARY(16) NOT NULL,
	kind ENUM('topup', 'run') NOT NULL,
	period CHAR(7) CHARACTER SET ascii COLLATE ascii_bin NULL, -- of a run: YYYY-MM
	serial BIGINT NULL, -- the number without its prefix
	number VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NULL,
	status ENUM('draft', 'issued', 'paid', 'void', 'uncollectible') NOT NULL,
	currency CHAR(3) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	tax_included BOOLEAN NOT NULL,
	subtotal BIGINT NOT NULL, -- micro-units, as all amounts; without tax
	tax BIGINT NOT NULL,
	total BIGINT NOT NULL CHECK (total >= 0),
	accrued BIGINT NOT NULL DEFAULT 0, -- of the subtotal: what `receivable` held before the invoice was issued
	paid BIGINT NOT NULL DEFAULT 0, -- below 0 where more went back than came
	credited BIGINT NOT NULL DEFAULT 0 CHECK (credited >= 0 AND credited <= total), -- by credit notes
	written_off BIGINT NOT NULL DEFAULT 0 CHECK (written_off >= 0),
	undone BIGINT NOT NULL DEFAULT 0 CHECK (undone >= 0), -- without tax: given back of what was void, or credited by hand, before
	due_at DATETIME(6) NULL,
	issued_at DATETIME(6) NULL,
	paid_at DATETIME(6) NULL,
	payment_id BINARY(16) NULL, -- the top-up's, or the card charge's that paid it
	reference VARCHAR(200) NULL, -- of a payment outside
	refund_reference VARCHAR(200) NULL, -- of what was paid too much and given back outside
	failed_at DATETIME(6) NULL, -- when a charge for it first failed, while it is not paid
	retry_at DATETIME(6) NULL, -- when the next automatic charge is due; NULL: none is
	kept_since DATETIME(6) NULL, -- since when payments for something else have kept it from being charged
	failed_payment_id BINARY(16) NULL, -- the last charge that failed
	last_error VARCHAR(500) NULL,
	remind_at DATETIME(6) NULL, -- of an issued one: when its customer is next told that it is overdue; NULL: no more
	issuer LONGTEXT NOT NULL CHECK (JSON_VALID(issuer)), -- both as they are printed
	customer LONGTEXT NOT NULL CHECK (JSON_VALID(customer)),
	lines_count INT NOT NULL,
	orders_count INT NOT NULL DEFAULT 0,
	created_at DATETIME(6) NOT NULL,
	UNIQUE KEY number (number),
	UNIQUE KEY serial (serial),
	UNIQUE KEY payment (payment_id),
	KEY organization (organization_id, id),
	KEY open_invoices (organization_id, status, issued_at),
	KEY issued (organization_id, issued_at),
	KEY retry (retry_at),
	KEY remind (remind_at),
	CHECK (subtotal + tax = total),
	CHECK ((number IS NULL) = (status = 'draft')),
	CHECK ((serial IS NULL) = (number IS NULL) AND (issued_at IS NULL) = (number IS NULL))
);

CREATE TABLE invoice_line (
	organization_id BINARY(16) NOT NULL,
	invoice_id BINARY(16) NOT NULL,
	position INT NOT NULL CHECK (position > 0),
	kind ENUM('topup', 'plan_fee', 'overage', 'usage', 'orders', 'refund', 'commitment_shortfall', 'late_usage') NOT NULL,
	description VARCHAR(500) NOT NULL,
	quantity BIGINT NULL, -- millionths
	unit VARCHAR(40) NULL,
	unit_price BIGINT NULL,
	credits BIGINT NULL,
	exact BIGINT NOT NULL, -- the amount before it was rounded to a hundredth
	amount BIGINT NOT NULL,
	accrued BIGINT NOT NULL DEFAULT 0, -- of it: what was on `receivable` already
	tax_rate_name VARCHAR(40) NULL,
	tax_rate BIGINT NOT NULL DEFAULT 0, -- millionths
	tax BIGINT NOT NULL,
	from_at DATETIME(6) NULL,
	to_at DATETIME(6) NULL,
	source LONGTEXT NULL CHECK (JSON_VALID(source)), -- what it was computed from
	PRIMARY KEY (invoice_id, position),
	CONSTRAINT invoice_line_invoice FOREIGN KEY (invoice_id) REFERENCES invoice (id)
);

-- Numbered in the transaction that makes it. The notes for a top-up's refunds add up to what was refunded: where a refund
-- failed after its note, another takes it back.
CREATE TABLE credit_note (
	id BINARY(16) NOT NULL PRIMARY KEY,
	organization_id BINARY(16) NOT NULL,
	invoice_id BINARY(16) NOT NULL,
	serial BIGINT NULL,
	number VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NULL,
	reason VARCHAR(500) NOT NULL,
	currency CHAR(3) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	amount BIGINT NOT NULL CHECK (amount <> 0), -- tax included
	tax BIGINT NOT NULL, -- in the amount
	on_account BIGINT NOT NULL DEFAULT 0, -- of the amount: what `receivable` had lost before the note, without tax
	source LONGTEXT NULL CHECK (JSON_VALID(source)), -- of a run: what it gives back
	refund_id BINARY(16) NULL, -- of a top-up: the refund that it documents
	issuer LONGTEXT NOT NULL CHECK (JSON_VALID(issuer)),
	customer LONGTEXT NOT NULL CHECK (JSON_VALID(customer)),
	created_at DATETIME(6) NOT NULL,
	UNIQUE KEY number (number),
	UNIQUE KEY serial (serial),
	UNIQUE KEY refund (refund_id),
	KEY organization (organization_id, id),
	KEY invoice (invoice_id, id),
	CONSTRAINT credit_note_invoice FOREIGN KEY (invoice_id) REFERENCES invoice (id)
);

-- Credits that changes of subscriptions gave for fees which the invoice had billed; what of its money is gone takes its part of
-- them with it.
CREATE TABLE invoice_credits (
	organization_id BINARY(16) NOT NULL,
	invoice_id BINARY(16) NOT NULL,
	given BIGINT NOT NULL CHECK (given > 0),
	backing BIGINT NOT NULL, -- micro-units: what was paid of it then, and not credited
	clawed BIGINT NOT NULL DEFAULT 0, -- of the credits
	PRIMARY KEY (organization_id, invoice_id),
	CONSTRAINT invoice_credits_invoice FOREIGN KEY (invoice_id) REFERENCES invoice (id)
);

-- What is issued stays as it is: no line is added, and nothing begins as issued. That nothing else of it changes is a matter
-- of rights (roles.sql).
CREATE TRIGGER invoice_begins_as_draft BEFORE INSERT ON invoice FOR EACH ROW
BEGIN
	IF NEW.status <> 'draft' THEN
		SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'invoice: it begins as a draft';
	END IF;
END;

CREATE TRIGGER invoice_line_of_draft BEFORE INSERT ON invoice_line FOR EACH ROW
BEGIN
	DECLARE v_status VARCHAR(20) CHARACTER SET ascii DEFAULT NULL;

	SELECT i.status INTO v_status FROM invoice i WHERE i.id = NEW.invoice_id;
	IF v_status <> 'draft' THEN
		SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'invoice_line: the invoice is issued';
	END IF;
END;

CREATE TRIGGER credit_note_begins_unnumbered BEFORE INSERT ON credit_note FOR EACH ROW
BEGIN
	IF NEW.number IS NOT NULL OR NEW.serial IS NOT NULL THEN
		SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'credit_note: it has no number yet';
	END IF;
END;

-- Gives a draft its number; it is issued from then on, or paid where p_status says so. Locks the series until the commit. Who
-- waited for it has begun before the one that came first: later numbers have no earlier times, unless a clock was set back.
CREATE PROCEDURE invoice_number(
	IN p_organization BINARY(16),
	IN p_invoice BINARY(16),
	IN p_prefix VARCHAR(16) CHARACTER SET ascii,
	IN p_status VARCHAR(20) CHARACTER SET ascii,
	IN p_due_at DATETIME(6),
	IN p_paid BIGINT,
	IN p_remind_at DATETIME(6),
	IN p_at DATETIME(6)
)
MODIFIES SQL DATA
SQL SECURITY DEFINER
BEGIN
	DECLARE v_serial BIGINT;
	DECLARE v_at DATETIME(6);

	SELECT s.next, IF(s.last_at > p_at AND s.last_at < p_at + INTERVAL 1 MINUTE, s.last_at, p_at)
	INTO v_serial, v_at
	FROM number_series s WHERE s.name = 'invoice' FOR UPDATE;
	UPDATE invoice
	SET serial = v_serial, number = CONCAT(p_prefix, LPAD(v_serial, GREATEST(6, CHAR_LENGTH(v_serial)), '0')),
		issued_at = v_at, due_at = p_due_at, paid = p_paid, paid_at = IF(p_status = 'paid', v_at, NULL),
		remind_at = p_remind_at, status = p_status
	WHERE organization_id = p_organization AND id = p_invoice AND status = 'draft';
	IF ROW_COUNT() <> 1 THEN
		SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'invoice_number: there is no such draft';
	END IF;
	UPDATE number_series SET next = v_serial + 1, last_at = v_at WHERE name = 'invoice';
	SELECT i.number, i.issued_at FROM invoice i WHERE i.id = p_invoice;
END;

CREATE PROCEDURE credit_note_number(
	IN p_organization BINARY(16),
	IN p_note BINARY(16),
	IN p_prefix VARCHAR(16) CHARACTER SET ascii
)
MODIFIES SQL DATA
SQL SECURITY DEFINER
BEGIN
	DECLARE v_serial BIGINT;

	SELECT s.next INTO v_serial FROM number_series s WHERE s.name = 'credit_note' FOR UPDATE;
	UPDATE credit_note
	SET serial = v_serial, number = CONCAT(p_prefix, LPAD(v_serial, GREATEST(6, CHAR_LENGTH(v_serial)), '0'))
	WHERE organization_id = p_organization AND id = p_note AND number IS NULL;
	IF ROW_COUNT() <> 1 THEN
		SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'credit_note_number: there is no such note';
	END IF;
	UPDATE number_series SET next = v_serial + 1 WHERE name = 'credit_note';
	SELECT n.number FROM credit_note n WHERE n.id = p_note;
END;

-- A charge for an invoice buys no credits. `automatic`: nobody waits for it, so that one which its holder has to authenticate
-- has failed.
ALTER TABLE payment
	MODIFY COLUMN purpose ENUM('topup', 'approval', 'auto_topup', 'subscription', 'invoice') NOT NULL,
	MODIFY COLUMN credits BIGINT NOT NULL CHECK (credits >= 0), -- what was asked for
	ADD COLUMN invoice_id BINARY(16) NULL,
	ADD COLUMN automatic BOOLEAN NOT NULL DEFAULT FALSE,
	ADD KEY invoice (invoice_id);

INSERT INTO notification_rule (type, roles) VALUES ('invoice.payment_failed', 'owner,admin,billing'),
	('invoice.overdue', 'owner,admin,billing');

-- invoice: receivable against revenue and tax. payment: clearing or bank against receivable. credit_note: revenue and tax
-- against receivable. write_off: bad_debt against receivable. Each also the other way round, where it is undone.
ALTER TABLE journal_entry MODIFY COLUMN reason ENUM('grant', 'topup', 'auto_topup', 'reservation', 'release', 'charge',
	'refund', 'clawback', 'expiry', 'adjustment', 'plan_fee', 'overage', 'commitment_shortfall', 'invoice', 'payment',
	'credit_note', 'write_off') NOT NULL;
ALTER TABLE journal_line MODIFY COLUMN account ENUM('available', 'reserved', 'debt', 'promotions', 'sold', 'consumed',
	'breakage', 'adjustments', 'processor_clearing', 'receivable', 'revenue', 'tax', 'bank', 'bad_debt') NOT NULL;

-- The one of 0003, with the accounts above: it stops what is not a list of money lines of zero sum per currency: our own mistake, not the caller's.
CREATE OR REPLACE PROCEDURE ledger_check_money(IN p_money LONGTEXT CHARACTER SET utf8mb4)
SQL SECURITY DEFINER
BEGIN
	DECLARE v_faults, v_lines INT;

	SELECT COUNT(*), COALESCE(SUM(m.account IS NULL OR m.unit IS NULL OR m.amount IS NULL OR m.amount = 0
		OR m.unit NOT REGEXP '^[A-Z]{3}$' OR m.unit = 'CRD'
		OR m.account NOT IN ('processor_clearing', 'sold', 'tax', 'receivable', 'revenue',
			'bank', 'bad_debt')), 0)
	INTO v_lines, v_faults
	FROM JSON_TABLE(p_money, '$[*]' COLUMNS (
		account VARCHAR(20) CHARACTER SET ascii COLLATE ascii_nopad_bin PATH '$.account',
		unit VARCHAR(3) CHARACTER SET ascii COLLATE ascii_bin PATH '$.unit',
		amount BIGINT PATH '$.amount')) m;
	IF v_lines = 0 OR v_lines > 200 OR v_faults > 0 THEN
		SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'ledger_post: these are no money lines';
	END IF;
	SELECT COUNT(*) INTO v_faults
	FROM (SELECT m.unit FROM JSON_TABLE(p_money, '$[*]' COLUMNS (
			unit CHAR(3) CHARACTER SET ascii PATH '$.unit',
			amount BIGINT PATH '$.amount')) m
		GROUP BY m.unit HAVING SUM(m.amount) <> 0) unbalanced;
	IF v_faults > 0 THEN
		SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'ledger_post: the money lines do not sum to zero';
	END IF;
END;

-- The one of 0011 with those reasons, which take no credits; and a commitment_shortfall can be on account, as a plan_fee can.
CREATE OR REPLACE PROCEDURE ledger_post(
	IN p_organization BINARY(16),
	IN p_at DATETIME(6),
	IN p_entry BINARY(16),
	IN p_reason VARCHAR(24) CHARACTER SET ascii COLLATE ascii_nopad_bin,
	IN p_from VARCHAR(20) CHARACTER SET ascii COLLATE ascii_nopad_bin,
	IN p_credits BIGINT,
	IN p_description VARCHAR(500) CHARACTER SET utf8mb4,
	IN p_reference_type VARBINARY(40),
	IN p_reference_id BINARY(16),
	IN p_actor_type VARBINARY(20),
	IN p_actor_id BINARY(16),
	IN p_lot_source VARCHAR(20) CHARACTER SET ascii COLLATE ascii_nopad_bin,
	IN p_lot_expires_at DATETIME(6),
	IN p_lot_priority SMALLINT,
	IN p_lot BINARY(16),
	IN p_undoes BIGINT,
	IN p_cycle_started_at DATETIME(6),
	IN p_cycle_ends_at DATETIME(6),
	IN p_committed BIGINT,
	IN p_money LONGTEXT CHARACTER SET utf8mb4,
	OUT p_outcome VARCHAR(20) CHARACTER SET ascii
)
SQL SECURITY DEFINER
BEGIN
	DECLARE v_available, v_reserved, v_debt, v_spend, v_limit, v_lapsed, v_sequence BIGINT;
	DECLARE v_committed, v_soft, v_low, v_auto BIGINT;
	DECLARE v_cycle, v_cycle_ends, v_next, v_soft_told, v_hard_told DATETIME(6);
	DECLARE v_hash BINARY(32);
	DECLARE v_before, v_posted, v_refilled, v_threshold BIGINT;
	DECLARE v_lots VARCHAR(500) CHARACTER SET ascii;
	DECLARE v_changed, v_lots_changed BOOLEAN DEFAULT FALSE;
	DECLARE v_available_change, v_reserved_change, v_debt_change, v_committed_change, v_spends, v_draws, v_frees BIGINT
		DEFAULT 0;
	DECLARE v_soft_reached, v_auto_reached BIGINT DEFAULT NULL;
	DECLARE v_outside, v_source VARCHAR(20) CHARACTER SET ascii DEFAULT NULL;
	DECLARE v_made VARCHAR(80) CHARACTER SET ascii DEFAULT NULL;
	DECLARE v_granted BIGINT DEFAULT 0;
	DECLARE v_is_money BOOLEAN DEFAULT FALSE;
	DECLARE v_outcome VARCHAR(20) CHARACTER SET ascii DEFAULT 'ok';

	SELECT b.available, b.reserved, b.debt, b.cycle_spend, b.hard_limit, b.lapsed, b.sequence, b.cycle_started_at,
		b.next_lot_expiry, b.lots, b.head_hash, b.committed, b.soft_limit, b.low_threshold, b.auto_topup_threshold, b.cycle_ends_at,
		b.soft_told_at, b.hard_told_at
	INTO v_available, v_reserved, v_debt, v_spend, v_limit, v_lapsed, v_sequence, v_cycle, v_next, v_lots, v_hash,
		v_committed, v_soft, v_low, v_auto, v_cycle_ends, v_soft_told, v_hard_told
	FROM book b WHERE b.organization_id = p_organization FOR UPDATE;
	SET v_before = v_available;

	-- Before anything is written: the second call has to see all that the first has seen. A charge asks too, so that what was
	-- held over the cycle's end counts in the new one, whoever comes first.
	IF v_sequence IS NULL THEN
		SET v_outcome = 'no_book';
	ELSEIF p_cycle_ends_at IS NULL AND p_reason IN ('reservation', 'charge', 'plan_fee', 'overage')
		AND COALESCE(v_cycle_ends <= p_at, TRUE) THEN
		SET v_outcome = 'cycle_over';
	ELSEIF v_next <= p_at THEN
		CALL ledger_expire_lots(p_organization, p_at, FALSE, v_available, IF(p_reason IS NULL, 1000, 1000000000),
			v_available, v_reserved, v_debt, v_sequence, v_hash);
		SELECT MIN(IF(l.fell_due, NULL, l.expires_at)), COALESCE(SUM(IF(l.fell_due, l.remaining, 0)), 0)
		INTO v_next, v_lapsed
		FROM lot l WHERE l.organization_id = p_organization AND l.is_open = TRUE;
		SET v_changed = TRUE, v_lots_changed = TRUE;
	END IF;
	-- A time zone that was changed moves the start of a month by 26 hours at the most: that makes no new cycle.
	IF p_cycle_ends_at IS NOT NULL THEN
		IF p_cycle_started_at > v_cycle AND COALESCE(p_cycle_started_at >= v_cycle_ends - INTERVAL 27 HOUR, TRUE) THEN
			SET v_cycle = p_cycle_started_at, v_spend = v_reserved + v_committed, v_soft_told = NULL, v_hard_told = NULL;
		END IF;
		SET v_cycle_ends = p_cycle_ends_at, v_changed = TRUE; -- also by a refusal that is kept, since it is announced
	END IF;

	IF p_credits < 0 AND p_reason <> 'adjustment' OR p_credits = 0 AND p_money IS NULL THEN
		SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'ledger_post: the credits have the wrong sign';
	END IF;
	IF p_money IS NOT NULL THEN
		CALL ledger_check_money(p_money);
	END IF;
	CASE p_reason
	WHEN 'reservation' THEN
		SET v_spends = p_credits;
		IF p_from = 'receivable' THEN
			SET v_committed_change = p_credits;
		ELSE
			SET v_available_change = -p_credits, v_reserved_change = p_credits;
		END IF;
	WHEN 'release' THEN
		SET v_spends = -p_credits;
		IF p_from = 'receivable' THEN
			SET v_committed_change = -p_credits;
		ELSE
			SET v_available_change = p_credits, v_reserved_change = -p_credits;
		END IF;
	WHEN 'charge' THEN
		IF p_from = 'reserved' THEN
			SET v_outside = 'consumed', v_draws = p_credits, v_reserved_change = -p_credits;
		ELSEIF p_from = 'available' THEN
			SET v_outside = 'consumed', v_draws = p_credits, v_available_change = -p_credits, v_spends = p_credits;
		ELSEIF p_from = 'receivable' AND p_money IS NOT NULL THEN
			SET v_spends = p_credits - COALESCE(p_committed, 0), v_committed_change = -COALESCE(p_committed, 0);
		ELSE
			SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'ledger_post: a charge is from available, reserved or receivable';
		END IF;
	WHEN 'plan_fee' THEN
		SET v_spends = p_credits;
		IF p_from = 'receivable' AND p_money IS NOT NULL THEN
			SET v_outside = NULL;
		ELSE
			SET v_outside = 'consumed', v_draws = p_credits, v_available_change = -p_credits;
		END IF;
	WHEN 'overage' THEN
		SET v_spends = p_credits;
		IF p_from = 'receivable' AND p_money IS NOT NULL THEN
			SET v_outside = NULL;
		ELSE
			SET v_outside = 'consumed', v_draws = p_credits, v_available_change = -p_credits;
		END IF;
	WHEN 'commitment_shortfall' THEN
		IF p_from = 'receivable' AND p_money IS NOT NULL THEN
			SET v_outside = NULL;
		ELSE
			SET v_outside = 'consumed', v_draws = p_credits, v_available_change = -p_credits;
		END IF;
	WHEN 'invoice' THEN
		SET v_is_money = TRUE;
	WHEN 'payment' THEN
		SET v_is_money = TRUE;
	WHEN 'credit_note' THEN
		SET v_is_money = TRUE;
	WHEN 'write_off' THEN
		SET v_is_money = TRUE;
	WHEN 'expiry' THEN
		SET v_outside = 'breakage', v_draws = p_credits, v_available_change = -p_credits;
	WHEN 'clawback' THEN
		SET v_outside = 'sold', v_draws = LEAST(p_credits, v_available), v_available_change = -v_draws,
			v_debt_change = p_credits - v_draws;
	WHEN 'grant' THEN
		SET v_outside = 'promotions', v_available_change = p_credits;
	WHEN 'topup' THEN
		SET v_outside = 'sold', v_available_change = p_credits;
	WHEN 'auto_topup' THEN
		SET v_outside = 'sold', v_available_change = p_credits;
	WHEN 'refund' THEN
		IF p_from = 'receivable' THEN
			SET v_outside = NULL;
		ELSE
			SET v_outside = 'consumed', v_available_change = p_credits;
		END IF;
	WHEN 'adjustment' THEN
		SET v_outside = 'adjustments', v_available_change = p_credits, v_draws = GREATEST(0, -p_credits);
	ELSE
		IF p_reason IS NOT NULL THEN
			SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'ledger_post: there is no such reason';
		END IF;
	END CASE;

	IF v_is_money AND p_credits <> 0 THEN
		SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'ledger_post: the credits have the wrong sign';
	END IF;

	IF v_outcome <> 'ok' OR p_reason IS NULL THEN
		SET v_spends = 0;
	ELSEIF v_available + v_available_change < 0 OR v_reserved + v_reserved_change < 0
		OR v_committed + v_committed_change < 0 THEN
		SET v_outcome = 'insufficient';
	ELSEIF v_spends > 0 AND v_spend + v_spends > v_limit THEN
		SET v_outcome = 'limit_reached';
	ELSEIF v_outside IS NOT NULL AND v_available + v_reserved + v_available_change > 100000000000000
		OR v_debt + v_debt_change > 100000000000000 THEN
		SET v_outcome = 'too_much';
	ELSE
		IF v_outside IS NOT NULL AND v_available_change > 0 THEN
			SET v_debt_change = -LEAST(v_debt, v_available_change),
				v_available_change = v_available_change + v_debt_change;
			IF p_undoes IS NOT NULL THEN
				CALL ledger_room(p_organization, p_at, p_undoes, v_refilled);
				SET v_refilled = LEAST(v_refilled, v_available_change);
			END IF;
			SET v_granted = v_available_change - COALESCE(v_refilled, 0);
			IF v_granted > 0 THEN
				SET v_source = COALESCE(p_lot_source, IF(p_reason IN ('topup', 'auto_topup'), 'paid', 'goodwill')),
					v_made = CONCAT_WS(',', v_source, v_granted, COALESCE(CAST(p_lot_expires_at AS CHAR), '-'),
						COALESCE(p_lot_priority, 0));
			END IF;
			IF p_lot_source NOT IN ('paid', 'promotional', 'free_tier', 'goodwill') THEN
				SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'ledger_post: there is no such source';
			END IF;
		END IF;
		CALL ledger_append(p_organization, p_at, p_entry, p_reason, p_description, p_reference_type, p_reference_id,
			p_actor_type, p_actor_id, v_available_change, v_reserved_change, v_debt_change, v_outside, p_money, v_made,
			v_available, v_reserved, v_debt, v_sequence, v_hash);
		SET v_spend = v_spend + v_spends, v_committed = v_committed + v_committed_change, v_posted = v_sequence,
			v_changed = TRUE, v_lots_changed = v_lots_changed OR v_outside IS NOT NULL;
		IF v_spends > 0 AND v_spend >= v_soft AND v_soft_told IS NULL THEN
			SET v_soft_told = p_at, v_soft_reached = v_soft;
		END IF;

		IF v_draws > 0 THEN
			CALL ledger_draw(p_organization, v_sequence, v_draws, p_lot, v_reserved_change < 0);
		ELSEIF v_source IS NOT NULL OR v_refilled > 0 THEN
			IF v_refilled > 0 THEN
				CALL ledger_refill(p_organization, p_at, v_sequence, p_undoes, v_refilled);
				SELECT MIN(l.expires_at) INTO v_next
				FROM lot l WHERE l.organization_id = p_organization AND l.is_open = TRUE AND NOT l.fell_due;
			END IF;
			IF v_granted > 0 THEN
				INSERT INTO lot (id, organization_id, source, granted, remaining, expires_at, priority, created_at)
				VALUES (p_entry, p_organization, v_source, v_granted, v_granted, p_lot_expires_at,
					COALESCE(p_lot_priority, 0), p_at);
				INSERT INTO lot_movement (organization_id, sequence, lot_id, amount)
				VALUES (p_organization, v_sequence, p_entry, v_granted);
				SET v_next = LEAST(COALESCE(v_next, p_lot_expires_at), COALESCE(p_lot_expires_at, v_next));
			END IF;
		END IF;

		IF v_lapsed > 0 AND v_reserved_change < 0 THEN
			SELECT COALESCE(SUM(l.remaining), 0) INTO v_lapsed
			FROM lot l WHERE l.organization_id = p_organization AND l.is_open = TRUE AND l.fell_due;
			SET v_frees = GREATEST(LEAST(v_available_change, v_lapsed), v_lapsed - v_reserved);
			CALL ledger_expire_lots(p_organization, p_at, TRUE, v_frees, 1000000000, v_available, v_reserved, v_debt,
				v_sequence, v_hash);
			SET v_lapsed = v_lapsed - v_frees, v_lots_changed = TRUE;
		END IF;
	END IF;

	IF v_lots_changed THEN
		SELECT IF(COUNT(*) > 8, NULL, COALESCE(GROUP_CONCAT(
			CONCAT(l.source, ',', l.remaining, ',',
				COALESCE(TIMESTAMPDIFF(MICROSECOND, '1970-01-01', l.expires_at), ''))
			ORDER BY l.priority, l.expires_at IS NULL, l.expires_at, l.source = 'paid', l.created_at, l.id
			SEPARATOR ';'), ''))
		INTO v_lots
		FROM (SELECT o.source, o.remaining, o.expires_at, o.priority, o.created_at, o.id FROM lot o
			WHERE o.organization_id = p_organization AND o.is_open = TRUE LIMIT 9) l;
	END IF;
	IF v_changed THEN
		UPDATE book
		SET available = v_available, reserved = v_reserved, debt = v_debt, committed = v_committed,
			cycle_started_at = v_cycle, cycle_ends_at = v_cycle_ends, soft_told_at = v_soft_told,
			hard_told_at = v_hard_told, cycle_spend = v_spend, next_lot_expiry = v_next, lapsed = v_lapsed, lots = v_lots, sequence = v_sequence,
			head_hash = v_hash
		WHERE organization_id = p_organization;
	END IF;
	IF v_available < v_before THEN
		IF v_available < v_auto AND v_auto <= v_before THEN
			SET v_auto_reached = v_auto;
		END IF;
		IF v_available < v_low AND v_low <= v_before THEN
			SET v_threshold = v_low;
		END IF;
	END IF;

	SELECT v_outcome AS outcome, COALESCE(v_posted, v_sequence, 0) AS sequence,
		COALESCE(p_entry, REPEAT('\0', 16)) AS entry_id, COALESCE(v_before, 0) AS available_before,
		COALESCE(v_available, 0) AS available, COALESCE(v_reserved, 0) AS reserved, COALESCE(v_debt, 0) AS debt,
		COALESCE(v_spend, 0) AS cycle_spend, v_limit AS hard_limit,
		v_threshold AS low_threshold, v_auto_reached AS auto_topup_threshold, v_soft_reached AS soft_limit,
		v_hard_told IS NOT NULL AS hard_told;
	SET p_outcome = v_outcome;
END;
