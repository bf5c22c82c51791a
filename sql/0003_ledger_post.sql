-- The only code that writes the ledger. ledger_post books one entry of an organization with all that belongs to it:
-- lines, lots, the book row and the next link of the hash chain. The workers may execute ledger_post, ledger_expire,
-- book_open, book_set_hard_limit and ledger_keep_checkpoint and can otherwise only read these tables; the other routines are
-- called by those alone.
--
-- The canonical form of an entry, which the chain is made of, is one line of ASCII: these fields, joined by `|`.
--
--     purser-journal-1                  the name of this form
--     previous hash                     64 hexadecimal digits; of the first entry 64 zeros
--     organization                      32 hexadecimal digits
--     sequence                          decimal; 1 for the first entry, without gaps
--     entry id                          32 hexadecimal digits
--     at                                YYYY-MM-DD hh:mm:ss.ffffff, UTC
--     reason                            as in journal_entry.reason
--     description                       hexadecimal digits of its UTF-8 bytes; `-` for NULL
--     reference type, reference id      hexadecimal digits of the bytes; `-` for NULL
--     actor type, actor id              hexadecimal digits of the bytes
--     available change, reserved change decimal, with `-` where negative
--     available, reserved, debt after   decimal
--     lot                               of the lot that the entry made: source,granted,expiry,priority, with the expiry
--                                       like `at` or `-`; `-` where it made none. The lot's id is the entry's, and so
--                                       is its moment.
--     lines                             account:unit:amount, joined by `;`, in the order of their numbers; may be empty
--
-- Hexadecimal digits are upper case. The hash is the SHA-256 of that line without a line end. No field can hold a
-- separator, so no two entries share a line.
--
-- In the lines an account that grows has a positive amount, and `debt` stands for what is owed: it sinks as debt grows.
-- Lots follow the accounts: what comes from outside into `available` makes a lot (or refills those that the undone
-- entry drew), what leaves `available` or `reserved` for outside draws lots, and what moves between the two touches
-- none. So what is left in the lots is always available + reserved.
--
-- A lot that falls due expires as far as there is something available; the rest is held by reservations, counts as
-- `lapsed`, and expires as they are released. Charges of reserved credits may draw it, others may not.

SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION,ERROR_FOR_DIVISION_BY_ZERO';

-- Writes one entry and its lines, and moves the state on. `p_outside` is the account on the other side of what
-- `available`, `reserved` and `debt` do together; NULL where credits move between available and reserved only. Every SET
-- and IF costs a microsecond or two, hence the long expressions.
CREATE PROCEDURE ledger_append(
	IN p_organization BINARY(16),
	IN p_at DATETIME(6),
	IN p_entry BINARY(16),
	IN p_reason VARCHAR(24) CHARACTER SET ascii COLLATE ascii_nopad_bin,
	IN p_description VARCHAR(500) CHARACTER SET utf8mb4,
	IN p_reference_type VARBINARY(40),
	IN p_reference_id BINARY(16),
	IN p_actor_type VARBINARY(20),
	IN p_actor_id BINARY(16),
	IN p_available_change BIGINT,
	IN p_reserved_change BIGINT,
	IN p_debt_change BIGINT,
	IN p_outside VARCHAR(20) CHARACTER SET ascii,
	IN p_money LONGTEXT CHARACTER SET utf8mb4,
	IN p_lot VARCHAR(80) CHARACTER SET ascii,
	INOUT v_available BIGINT,
	INOUT v_reserved BIGINT,
	INOUT v_debt BIGINT,
	INOUT v_sequence BIGINT,
	INOUT v_hash BINARY(32)
)
SQL SECURITY DEFINER
BEGIN
	DECLARE v_previous BINARY(32) DEFAULT v_hash;
	DECLARE v_first VARCHAR(20) CHARACTER SET ascii
		DEFAULT IF(p_available_change <> 0, 'available', IF(p_reserved_change <> 0, 'reserved', 'debt'));
	DECLARE v_first_amount BIGINT
		DEFAULT COALESCE(NULLIF(p_available_change, 0), NULLIF(p_reserved_change, 0), -p_debt_change);
	DECLARE v_second VARCHAR(20) CHARACTER SET ascii DEFAULT COALESCE(p_outside, 'reserved');
	DECLARE v_second_amount BIGINT
		DEFAULT IF(p_outside IS NULL, p_reserved_change, p_debt_change - p_available_change - p_reserved_change);
	DECLARE v_count INT DEFAULT IF(v_first_amount = 0, 0, IF(p_debt_change = 0 OR v_first = 'debt', 2, 3));
	DECLARE v_lines LONGTEXT CHARACTER SET ascii DEFAULT CONCAT(
		IF(v_count = 0, '', CONCAT(v_first, ':CRD:', v_first_amount, ';', v_second, ':CRD:', v_second_amount)),
		IF(v_count = 3, CONCAT(';debt:CRD:', -p_debt_change), ''));

	SET v_available = v_available + p_available_change, v_reserved = v_reserved + p_reserved_change,
		v_debt = v_debt + p_debt_change, v_sequence = v_sequence + 1;
	IF p_money IS NOT NULL THEN
		SELECT CONCAT_WS(';', NULLIF(v_lines, ''),
			GROUP_CONCAT(CONCAT(m.account, ':', m.unit, ':', m.amount) ORDER BY m.line SEPARATOR ';'))
		INTO v_lines
		FROM JSON_TABLE(p_money, '$[*]' COLUMNS (
			line FOR ORDINALITY,
			account VARCHAR(20) CHARACTER SET ascii PATH '$.account' ERROR ON EMPTY ERROR ON ERROR,
			unit CHAR(3) CHARACTER SET ascii PATH '$.unit' ERROR ON EMPTY ERROR ON ERROR,
			amount BIGINT PATH '$.amount' ERROR ON EMPTY ERROR ON ERROR)) m;
	END IF;

	SET v_hash = UNHEX(SHA2(CONCAT_WS('|', 'purser-journal-1', HEX(v_previous), HEX(p_organization), v_sequence,
		HEX(p_entry), CAST(p_at AS CHAR), p_reason, COALESCE(HEX(p_description), '-'),
		COALESCE(HEX(p_reference_type), '-'), COALESCE(HEX(p_reference_id), '-'), HEX(p_actor_type),
		HEX(p_actor_id), p_available_change, p_reserved_change, v_available, v_reserved, v_debt,
		COALESCE(p_lot, '-'), v_lines), 256));

	INSERT INTO journal_entry (organization_id, sequence, id, at, reason, description, reference_type, reference_id,
		actor_type, actor_id, available_change, reserved_change, available_after, reserved_after, debt_after,
		previous_hash, hash)
	VALUES (p_organization, v_sequence, p_entry, p_at, p_reason, p_description, p_reference_type, p_reference_id,
		p_actor_type, p_actor_id, p_available_change, p_reserved_change, v_available, v_reserved, v_debt,
		v_previous, v_hash);
	IF v_count > 0 THEN
		INSERT INTO journal_line (organization_id, sequence, line, account, unit, amount)
		VALUES (p_organization, v_sequence, 1, v_first, 'CRD', v_first_amount),
			(p_organization, v_sequence, 2, v_second, 'CRD', v_second_amount);
	END IF;
	IF v_count = 3 THEN
		INSERT INTO journal_line (organization_id, sequence, line, account, unit, amount)
		VALUES (p_organization, v_sequence, 3, 'debt', 'CRD', -p_debt_change);
	END IF;
	IF p_money IS NOT NULL THEN
		INSERT INTO journal_line (organization_id, sequence, line, account, unit, amount)
		SELECT p_organization, v_sequence, v_count + m.line, m.account, m.unit, m.amount
		FROM JSON_TABLE(p_money, '$[*]' COLUMNS (
			line FOR ORDINALITY,
			account VARCHAR(20) CHARACTER SET ascii PATH '$.account',
			unit CHAR(3) CHARACTER SET ascii PATH '$.unit',
			amount BIGINT PATH '$.amount')) m;
	END IF;
END;

-- Stops what is not a list of money lines of zero sum per currency: our own mistake, not the caller's.
CREATE PROCEDURE ledger_check_money(IN p_money LONGTEXT CHARACTER SET utf8mb4)
SQL SECURITY DEFINER
BEGIN
	DECLARE v_faults, v_lines INT;

	SELECT COUNT(*), COALESCE(SUM(m.account IS NULL OR m.unit IS NULL OR m.amount IS NULL OR m.amount = 0
		OR m.unit NOT REGEXP '^[A-Z]{3}$' OR m.unit = 'CRD'
		OR m.account NOT IN ('processor_clearing', 'sold', 'tax', 'receivable', 'revenue')), 0)
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

-- Takes credits out of the lots: `p_first` (if any) before all others, then by priority, earliest expiry, promotional
-- before paid, oldest. What has lapsed is drawn only where that is allowed. Mostly the first lot has enough, and taking
-- from that one costs half of what taking from many does.
CREATE PROCEDURE ledger_draw(
	IN p_organization BINARY(16),
	IN p_sequence BIGINT,
	IN p_credits BIGINT,
	IN p_first BINARY(16),
	IN p_lapsed_too BOOLEAN
)
SQL SECURITY DEFINER
BEGIN
	DECLARE v_lot BINARY(16);
	DECLARE v_remaining BIGINT;

	SELECT l.id, l.remaining INTO v_lot, v_remaining
	FROM lot l
	WHERE l.organization_id = p_organization AND l.is_open = TRUE AND (p_lapsed_too OR NOT l.fell_due)
	ORDER BY l.id <=> p_first DESC, l.priority, l.expires_at IS NULL, l.expires_at, l.source = 'paid', l.created_at, l.id
	LIMIT 1;
	IF v_remaining >= p_credits THEN
		INSERT INTO lot_movement (organization_id, sequence, lot_id, amount)
		VALUES (p_organization, p_sequence, v_lot, -p_credits);
		UPDATE lot SET remaining = v_remaining - p_credits WHERE id = v_lot;
	ELSE
		INSERT INTO lot_movement (organization_id, sequence, lot_id, amount)
		SELECT p_organization, p_sequence, d.id, -LEAST(d.remaining, p_credits - d.before_it)
		FROM (SELECT l.id, l.remaining, SUM(l.remaining) OVER (
				ORDER BY l.id <=> p_first DESC, l.priority, l.expires_at IS NULL, l.expires_at,
					l.source = 'paid', l.created_at, l.id
				ROWS UNBOUNDED PRECEDING) - l.remaining AS before_it
			FROM lot l
			WHERE l.organization_id = p_organization AND l.is_open = TRUE AND (p_lapsed_too OR NOT l.fell_due)) d
		WHERE d.before_it < p_credits;
		UPDATE lot_movement m JOIN lot l ON l.id = m.lot_id
		SET l.remaining = l.remaining + m.amount
		WHERE m.organization_id = p_organization AND m.sequence = p_sequence;
		SELECT COALESCE(-SUM(m.amount), 0) INTO v_remaining
		FROM lot_movement m WHERE m.organization_id = p_organization AND m.sequence = p_sequence;
		IF v_remaining <> p_credits THEN
			SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'ledger_post: the lots hold less than the book';
		END IF;
	END IF;
END;

-- How many credits the lots that an entry drew can take back: those that are not past their expiry, as far as they were
-- not filled again since.
CREATE PROCEDURE ledger_room(
	IN p_organization BINARY(16),
	IN p_at DATETIME(6),
	IN p_undoes BIGINT,
	OUT v_room BIGINT
)
SQL SECURITY DEFINER
BEGIN
	SELECT COALESCE(SUM(LEAST(-m.amount, l.granted - l.remaining)), 0) INTO v_room
	FROM lot_movement m JOIN lot l ON l.id = m.lot_id
	WHERE m.organization_id = p_organization AND m.sequence = p_undoes AND m.amount < 0
		AND l.remaining < l.granted AND NOT l.fell_due AND (l.expires_at IS NULL OR l.expires_at > p_at);
END;

-- Gives credits back to those lots, the last drawn first. There is room for them.
CREATE PROCEDURE ledger_refill(
	IN p_organization BINARY(16),
	IN p_at DATETIME(6),
	IN p_sequence BIGINT,
	IN p_undoes BIGINT,
	IN p_credits BIGINT
)
SQL SECURITY DEFINER
BEGIN
	INSERT INTO lot_movement (organization_id, sequence, lot_id, amount)
	SELECT p_organization, p_sequence, d.id, LEAST(d.room, p_credits - d.before_it)
	FROM (SELECT l.id, LEAST(-m.amount, l.granted - l.remaining) AS room,
			SUM(LEAST(-m.amount, l.granted - l.remaining)) OVER (
				ORDER BY l.priority DESC, l.expires_at IS NULL DESC, l.expires_at DESC,
					l.source = 'paid' DESC, l.created_at DESC, l.id DESC
				ROWS UNBOUNDED PRECEDING) - LEAST(-m.amount, l.granted - l.remaining) AS before_it
		FROM lot_movement m JOIN lot l ON l.id = m.lot_id
		WHERE m.organization_id = p_organization AND m.sequence = p_undoes AND m.amount < 0
			AND l.remaining < l.granted AND NOT l.fell_due
			AND (l.expires_at IS NULL OR l.expires_at > p_at)) d
	WHERE d.before_it < p_credits;
	UPDATE lot_movement m JOIN lot l ON l.id = m.lot_id
	SET l.remaining = l.remaining + m.amount
	WHERE m.organization_id = p_organization AND m.sequence = p_sequence;
END;

-- Posts the expiry of lots, one entry each, up to `p_most` credits in all: of those that fall due now, `p_lots` of them at
-- the most, or of those that did before and whose credits were released meanwhile. For the latter p_at does not count: a
-- call that began before they fell due may post behind one that began after.
CREATE PROCEDURE ledger_expire_lots(
	IN p_organization BINARY(16),
	IN p_at DATETIME(6),
	IN p_fell_due BOOLEAN,
	IN p_most BIGINT,
	IN p_lots INT,
	INOUT v_available BIGINT,
	INOUT v_reserved BIGINT,
	INOUT v_debt BIGINT,
	INOUT v_sequence BIGINT,
	INOUT v_hash BINARY(32)
)
SQL SECURITY DEFINER
BEGIN
	DECLARE v_lot BINARY(16);
	DECLARE v_remaining, v_amount BIGINT;
	DECLARE v_left BIGINT DEFAULT p_most;
	DECLARE v_is_last BOOLEAN DEFAULT FALSE;
	DECLARE due CURSOR FOR
		SELECT l.id, l.remaining
		FROM lot l
		WHERE l.organization_id = p_organization AND l.is_open = TRUE AND l.fell_due = p_fell_due
			AND (p_fell_due OR l.expires_at <= p_at)
		ORDER BY l.expires_at, l.id
		LIMIT p_lots;
	DECLARE CONTINUE HANDLER FOR NOT FOUND SET v_is_last = TRUE;

	OPEN due;
	expiring: LOOP
		FETCH due INTO v_lot, v_remaining;
		IF v_is_last OR (p_fell_due AND v_left = 0) THEN
			LEAVE expiring;
		END IF;
		SET v_amount = LEAST(v_remaining, v_left);
		UPDATE lot SET remaining = v_remaining - v_amount, fell_due = TRUE WHERE id = v_lot;
		IF v_amount > 0 THEN
			CALL ledger_append(p_organization, p_at,
				UNHEX(CONCAT(LPAD(HEX(TIMESTAMPDIFF(MICROSECOND, '1970-01-01', p_at) DIV 1000), 12, '0'),
					HEX(RANDOM_BYTES(10)))),
				'expiry', NULL, 'lot', v_lot, 'system', REPEAT('\0', 16), -v_amount, 0, 0, 'breakage', NULL, NULL,
				v_available, v_reserved, v_debt, v_sequence, v_hash);
			INSERT INTO lot_movement (organization_id, sequence, lot_id, amount)
			VALUES (p_organization, v_sequence, v_lot, -v_amount);
			SET v_left = v_left - v_amount;
		END IF;
	END LOOP;
	CLOSE due;
	IF p_fell_due AND v_left > 0 THEN
		SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'ledger_post: the lots hold less than lapsed';
	END IF;
END;

-- Books one entry. Answers one row, whose `outcome` is `ok`, or why nothing was booked: `insufficient` (available or
-- reserved credits do not suffice), `limit_reached` (the cycle's hard limit), `too_much` (no balance may grow so
-- large), `no_book`. A refusal may leave expiries behind that were due anyway. With `p_reason` NULL it posts these only, a
-- thousand at the most: the book's next_lot_expiry tells whether more are due. `low_threshold` is the organization's,
-- where this took `available` below it.
--
-- p_credits is positive, but for an adjustment, whose sign counts, and 0 where there are only money lines.
-- p_from, of a charge: `reserved` or `available`. p_lot: the lot to draw before all others. p_undoes: the entry that a
-- refund undoes. p_cycle_started_at: when the cycle of p_at began, for what counts as spent; NULL: as the book has it.
CREATE PROCEDURE ledger_post(
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
	IN p_money LONGTEXT CHARACTER SET utf8mb4
)
SQL SECURITY DEFINER
BEGIN
	DECLARE v_available, v_reserved, v_debt, v_spend, v_limit, v_lapsed, v_sequence BIGINT;
	DECLARE v_cycle, v_next DATETIME(6);
	DECLARE v_hash BINARY(32);
	DECLARE v_before, v_posted, v_refilled, v_threshold BIGINT;
	DECLARE v_lots VARCHAR(500) CHARACTER SET ascii;
	DECLARE v_changed, v_lots_changed BOOLEAN DEFAULT FALSE;
	DECLARE v_available_change, v_reserved_change, v_debt_change, v_spends, v_draws, v_frees BIGINT DEFAULT 0;
	DECLARE v_outside, v_source VARCHAR(20) CHARACTER SET ascii DEFAULT NULL;
	DECLARE v_made VARCHAR(80) CHARACTER SET ascii DEFAULT NULL;
	DECLARE v_granted BIGINT DEFAULT 0;
	DECLARE v_outcome VARCHAR(20) CHARACTER SET ascii DEFAULT 'ok';

	SELECT b.available, b.reserved, b.debt, b.cycle_spend, b.hard_limit, b.lapsed, b.sequence, b.cycle_started_at,
		b.next_lot_expiry, b.lots, b.head_hash
	INTO v_available, v_reserved, v_debt, v_spend, v_limit, v_lapsed, v_sequence, v_cycle, v_next, v_lots, v_hash
	FROM book b WHERE b.organization_id = p_organization FOR UPDATE;
	SET v_before = v_available;

	IF v_sequence IS NULL THEN
		SET v_outcome = 'no_book';
	ELSEIF v_next <= p_at THEN
		CALL ledger_expire_lots(p_organization, p_at, FALSE, v_available, IF(p_reason IS NULL, 1000, 1000000000),
			v_available, v_reserved, v_debt, v_sequence, v_hash);
		SELECT MIN(IF(l.fell_due, NULL, l.expires_at)), COALESCE(SUM(IF(l.fell_due, l.remaining, 0)), 0)
		INTO v_next, v_lapsed
		FROM lot l WHERE l.organization_id = p_organization AND l.is_open = TRUE;
		SET v_changed = TRUE, v_lots_changed = TRUE;
	END IF;
	IF p_cycle_started_at > v_cycle THEN
		SET v_cycle = p_cycle_started_at, v_spend = v_reserved;
	END IF;

	IF p_credits < 0 AND p_reason <> 'adjustment' OR p_credits = 0 AND p_money IS NULL THEN
		SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'ledger_post: the credits have the wrong sign';
	END IF;
	IF p_money IS NOT NULL THEN
		CALL ledger_check_money(p_money);
	END IF;
	CASE p_reason
	WHEN 'reservation' THEN
		SET v_available_change = -p_credits, v_reserved_change = p_credits, v_spends = p_credits;
	WHEN 'release' THEN
		SET v_available_change = p_credits, v_reserved_change = -p_credits, v_spends = -p_credits;
	WHEN 'charge' THEN
		SET v_outside = 'consumed', v_draws = p_credits;
		IF p_from = 'reserved' THEN
			SET v_reserved_change = -p_credits;
		ELSEIF p_from = 'available' THEN
			SET v_available_change = -p_credits, v_spends = p_credits;
		ELSE
			SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'ledger_post: a charge is from available or reserved';
		END IF;
	WHEN 'plan_fee' THEN
		SET v_outside = 'consumed', v_draws = p_credits, v_available_change = -p_credits, v_spends = p_credits;
	WHEN 'overage' THEN
		SET v_outside = 'consumed', v_draws = p_credits, v_available_change = -p_credits, v_spends = p_credits;
	WHEN 'commitment_shortfall' THEN
		SET v_outside = 'consumed', v_draws = p_credits, v_available_change = -p_credits;
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
		SET v_outside = 'consumed', v_available_change = p_credits;
	WHEN 'adjustment' THEN
		SET v_outside = 'adjustments', v_available_change = p_credits, v_draws = GREATEST(0, -p_credits);
	ELSE
		IF p_reason IS NOT NULL THEN
			SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'ledger_post: there is no such reason';
		END IF;
	END CASE;

	IF v_outcome <> 'ok' OR p_reason IS NULL THEN
		SET v_spends = 0;
	ELSEIF v_available + v_available_change < 0 OR v_reserved + v_reserved_change < 0 THEN
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
		SET v_spend = v_spend + v_spends, v_posted = v_sequence, v_changed = TRUE,
			v_lots_changed = v_lots_changed OR v_outside IS NOT NULL;

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
		SET available = v_available, reserved = v_reserved, debt = v_debt, cycle_started_at = v_cycle,
			cycle_spend = v_spend, next_lot_expiry = v_next, lapsed = v_lapsed, lots = v_lots, sequence = v_sequence,
			head_hash = v_hash
		WHERE organization_id = p_organization;
	END IF;
	IF v_available < v_before THEN
		SELECT o.credits_low_threshold INTO v_threshold
		FROM organization o WHERE o.id = p_organization AND o.credits_low_threshold > v_available
			AND o.credits_low_threshold <= v_before;
	END IF;

	SELECT v_outcome AS outcome, COALESCE(v_posted, v_sequence, 0) AS sequence,
		COALESCE(p_entry, REPEAT('\0', 16)) AS entry_id, COALESCE(v_before, 0) AS available_before,
		COALESCE(v_available, 0) AS available, COALESCE(v_reserved, 0) AS reserved, COALESCE(v_debt, 0) AS debt,
		COALESCE(v_spend, 0) AS cycle_spend, v_limit AS hard_limit,
		v_threshold AS low_threshold;
END;

-- Posts what has fallen due, and nothing else.
CREATE PROCEDURE ledger_expire(IN p_organization BINARY(16), IN p_at DATETIME(6))
SQL SECURITY DEFINER
BEGIN
	CALL ledger_post(p_organization, p_at, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
		NULL, NULL, NULL);
END;

-- Gives a new organization its empty book.
CREATE PROCEDURE book_open(IN p_organization BINARY(16), IN p_currency CHAR(3) CHARACTER SET ascii, IN p_at DATETIME(6))
SQL SECURITY DEFINER
BEGIN
	INSERT INTO book (organization_id, currency, cycle_started_at, head_hash)
	VALUES (p_organization, p_currency, p_at, REPEAT('\0', 32));
END;

-- What the cycle's spend may reach; NULL: anything. What is spent already stays spent.
CREATE PROCEDURE book_set_hard_limit(IN p_organization BINARY(16), IN p_hard_limit BIGINT)
SQL SECURITY DEFINER
BEGIN
	UPDATE book SET hard_limit = p_hard_limit WHERE organization_id = p_organization;
END;

-- How far a ledger is proven, and what was found. `p_fully_proven_at`: a proof from the first entry on has just ended; NULL:
-- it is as long ago as it was.
CREATE PROCEDURE ledger_keep_checkpoint(
	IN p_organization BINARY(16),
	IN p_sequence BIGINT,
	IN p_hash BINARY(32),
	IN p_available BIGINT,
	IN p_reserved BIGINT,
	IN p_debt BIGINT,
	IN p_at DATETIME(6),
	IN p_fully_proven_at DATETIME(6),
	IN p_first_fault VARCHAR(500) CHARACTER SET utf8mb4
)
SQL SECURITY DEFINER
BEGIN
	INSERT INTO ledger_checkpoint (organization_id, sequence, hash, available, reserved, debt, proven_at, fully_proven_at,
		first_fault)
	VALUES (p_organization, p_sequence, p_hash, p_available, p_reserved, p_debt, p_at, p_fully_proven_at, p_first_fault)
	ON DUPLICATE KEY UPDATE sequence = p_sequence, hash = p_hash, available = p_available, reserved = p_reserved,
		debt = p_debt, proven_at = p_at, fully_proven_at = COALESCE(p_fully_proven_at, fully_proven_at),
		first_fault = p_first_fault;
END;
