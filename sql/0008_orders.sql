-- Orders, and what the ledger needs for them: cycles with an end, organizations that pay afterwards, limits that announce
-- themselves. ledger_post is the one of 0003, which explains the canonical form of an entry, with these added.

SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION,ERROR_FOR_DIVISION_BY_ZERO';

ALTER TABLE book
	ADD COLUMN post_pay BOOLEAN NOT NULL DEFAULT FALSE, -- orders reserve no credits and reach an invoice
	ADD COLUMN committed BIGINT NOT NULL DEFAULT 0 CHECK (committed >= 0), -- credits of such orders that are open
	ADD COLUMN cycle_ends_at DATETIME(6) NULL, -- NULL: the first spend finds out
	ADD COLUMN soft_limit BIGINT NULL CHECK (soft_limit >= 0), -- credits a cycle; NULL: none
	ADD COLUMN soft_told_at DATETIME(6) NULL, -- when reaching it was announced in this cycle
	ADD COLUMN hard_told_at DATETIME(6) NULL, -- when the hard limit's first refusal was
	ADD COLUMN low_threshold BIGINT NULL CHECK (low_threshold >= 0), -- the organization's credits_low_threshold, repeated
	ADD COLUMN auto_topup_threshold BIGINT NULL CHECK (auto_topup_threshold > 0); -- NULL: no automatic top-up

-- What the limits are in the organization's currency, in micro-units; NULL: none. The ceiling is the operator's.
ALTER TABLE organization
	ADD COLUMN spending_limit_soft BIGINT NULL CHECK (spending_limit_soft > 0),
	ADD COLUMN spending_limit_hard BIGINT NULL CHECK (spending_limit_hard > 0),
	ADD COLUMN spending_limit_ceiling BIGINT NULL CHECK (spending_limit_ceiling > 0);
UPDATE book b JOIN organization o ON o.id = b.organization_id
	SET b.post_pay = o.enterprise_billing, b.low_threshold = o.credits_low_threshold;
UPDATE organization o JOIN book b ON b.organization_id = o.id JOIN credit_price p ON p.currency = o.currency
	SET o.spending_limit_hard = b.hard_limit * p.price, o.spending_limit_ceiling = b.hard_limit * p.price
	WHERE b.hard_limit > 0;

-- A row is found by its organization always. No foreign key: every order would lock the organization's row.
CREATE TABLE orders (
	organization_id BINARY(16) NOT NULL,
	id BINARY(16) NOT NULL,
	reference VARBINARY(255) NOT NULL, -- the caller's own
	request_digest BINARY(32) NOT NULL, -- of lines and commitment, to know a repetition by
	status ENUM('reserved', 'settled', 'cancelled', 'expired', 'refunded') NOT NULL DEFAULT 'reserved',
	post_pay BOOLEAN NOT NULL,
	held BIGINT NOT NULL CHECK (held >= 0), -- credits reserved (or committed) when it was made
	credits BIGINT NOT NULL CHECK (credits >= 0), -- held, and charged once it is settled
	`lines` MEDIUMTEXT NOT NULL, -- a JSON array; the final ones once it is settled
	commitment_id BINARY(16) NULL,
	created_at DATETIME(6) NOT NULL,
	hold_expires_at DATETIME(6) NOT NULL,
	settled_at DATETIME(6) NULL,
	closed_at DATETIME(6) NULL, -- when it last ceased to be reserved
	charge_sequence BIGINT NULL, -- the ledger entries that charged it, for a refund: of what was reserved, and of the rest
	rest_sequence BIGINT NULL,
	rest_credits BIGINT NOT NULL DEFAULT 0 CHECK (rest_credits >= 0), -- charged by the latter
	held_until DATETIME(6) AS (IF(status = 'reserved', hold_expires_at, NULL)) VIRTUAL,
	PRIMARY KEY (organization_id, id),
	UNIQUE KEY reference (organization_id, reference),
	KEY hold (held_until)
);

-- Only the procedures below write these, in the entry's own transaction, and the proof of the ledger names what is missing:
-- looking for the parent at every line costs more than it can find.
ALTER TABLE journal_line DROP FOREIGN KEY journal_line_entry;
ALTER TABLE lot_movement DROP FOREIGN KEY lot_movement_entry;
ALTER TABLE journal_entry DROP FOREIGN KEY journal_entry_book;

DROP PROCEDURE ledger_expire;
DROP PROCEDURE ledger_post;

-- Books one entry. Answers one row, whose `outcome` is `ok`, or why nothing was booked: `insufficient` (available or
-- reserved credits do not suffice), `limit_reached` (the cycle's hard limit), `too_much` (no balance may grow so
-- large), `cycle_over` (what counts as spent needs to know the present cycle: call again with it; nothing was done), `no_book`.
-- Other refusals may leave expiries behind that were due anyway. With `p_reason` NULL it posts these only, a
-- thousand at the most: the book's next_lot_expiry tells whether more are due. Where this is the first to do so,
-- `low_threshold`, `auto_topup_threshold` and `soft_limit` are what it passed: `available` fell below the former two, the
-- cycle's spend reached the latter. `hard_told`: the cycle's refusals were announced already.
--
-- p_credits is positive, but for an adjustment, whose sign counts, and 0 where there are only money lines.
-- p_from, of a charge: `reserved` or `available`. Of a reservation, release, charge or refund also `receivable`: it is paid
-- afterwards, moves no credits, and only the cycle's spend and what is committed know of it; p_committed is how much of a
-- charge was. p_lot: the lot to draw before all others. p_undoes: the entry that a
-- refund undoes. p_cycle_started_at, p_cycle_ends_at: the cycle of p_at, for what counts as spent; NULL: as the book has it.
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

-- Posts what has fallen due, and nothing else.
CREATE PROCEDURE ledger_expire(IN p_organization BINARY(16), IN p_at DATETIME(6))
SQL SECURITY DEFINER
BEGIN
	DECLARE v_outcome VARCHAR(20) CHARACTER SET ascii;

	CALL ledger_post(p_organization, p_at, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
		NULL, NULL, NULL, NULL, NULL, v_outcome);
END;

-- Makes an order: its row, and its reservation. One round trip. A reference that is there already is an error of its unique
-- key (1062).
--
-- Most orders change three numbers and pass no threshold: for them the credits are taken by one conditional UPDATE, which
-- also makes the next link of the chain, and the call is ended as `finish` does it, so that the row that all of an
-- organization's callers wait for is held for no round trip. That is what ledger_post would write, at a fraction of its
-- price; nothing is answered, and all is committed. Else ledger_post books and answers; where its outcome is not `ok`, no
-- row is left. Statements, columns of an answer and parameters cost some microseconds each, hence the shape of this.
CREATE PROCEDURE order_create(
	IN p_organization BINARY(16),
	IN p_at DATETIME(6),
	IN p_order BINARY(16),
	IN p_reference VARBINARY(255),
	IN p_digest BINARY(32),
	IN p_credits BIGINT,
	IN p_lines MEDIUMTEXT CHARACTER SET utf8mb4,
	IN p_commitment BINARY(16),
	IN p_hold_expires_at DATETIME(6),
	IN p_entry BINARY(16),
	IN p_actor_type VARBINARY(20),
	IN p_actor BINARY(16),
	IN p_cycle_started_at DATETIME(6),
	IN p_cycle_ends_at DATETIME(6),
	IN p_space BINARY(16), -- of the claim, with its key and the reply to be stored; NULL: none
	IN p_key VARBINARY(255),
	IN p_reply MEDIUMBLOB,
	IN p_call BINARY(16),
	IN p_address VARBINARY(45),
	IN p_request VARBINARY(64)
)
MODIFIES SQL DATA
SQL SECURITY DEFINER
BEGIN
	DECLARE v_outcome VARCHAR(20) CHARACTER SET ascii;
	DECLARE v_post_pay BOOLEAN;

	INSERT INTO orders (organization_id, id, reference, request_digest, post_pay, held, credits, `lines`,
		commitment_id, created_at, hold_expires_at)
	VALUES (p_organization, p_order, p_reference, p_digest, FALSE, p_credits, p_credits, p_lines, p_commitment, p_at,
		p_hold_expires_at);
	-- SET goes from left to right: what stands on the right of head_hash is as it was before.
	UPDATE book SET
		head_hash = (@purser_hash := UNHEX(SHA2(CONCAT_WS('|', 'purser-journal-1', HEX(@purser_previous := head_hash),
			HEX(p_organization), @purser_sequence := sequence + 1, HEX(p_entry), CAST(p_at AS CHAR), 'reservation',
			HEX(p_reference), HEX('order'), HEX(p_order), HEX(p_actor_type), HEX(p_actor), -p_credits, p_credits,
			@purser_available := available - p_credits, @purser_reserved := reserved + p_credits, @purser_debt := debt,
			'-', CONCAT('available:CRD:', -p_credits, ';reserved:CRD:', p_credits)), 256))),
		sequence = sequence + 1,
		available = available - p_credits,
		reserved = reserved + p_credits,
		cycle_spend = cycle_spend + p_credits
	WHERE organization_id = p_organization AND available - p_credits >= COALESCE(auto_topup_threshold, 0)
		AND available - p_credits >= COALESCE(low_threshold, 0) AND NOT post_pay AND cycle_ends_at > p_at
		AND (hard_limit IS NULL OR cycle_spend + p_credits <= hard_limit)
		AND (soft_limit IS NULL OR cycle_spend + p_credits < soft_limit OR soft_told_at IS NOT NULL)
		AND COALESCE(next_lot_expiry > p_at, TRUE); -- not as a range of its index
	IF ROW_COUNT() = 1 THEN
		INSERT INTO journal_entry (organization_id, sequence, id, at, reason, description, reference_type, reference_id,
			actor_type, actor_id, available_change, reserved_change, available_after, reserved_after, debt_after,
			previous_hash, hash)
		VALUES (p_organization, @purser_sequence, p_entry, p_at, 'reservation', p_reference, 'order', p_order,
			p_actor_type, p_actor, -p_credits, p_credits, @purser_available, @purser_reserved, @purser_debt,
			@purser_previous, @purser_hash);
		INSERT INTO journal_line (organization_id, sequence, line, account, unit, amount)
		VALUES (p_organization, @purser_sequence, 1, 'available', 'CRD', -p_credits),
			(p_organization, @purser_sequence, 2, 'reserved', 'CRD', p_credits);
		IF p_space IS NOT NULL THEN
			CALL claim_answer(p_space, 'orders.create', p_key, p_call, 202, p_reply, FALSE);
		END IF;
		INSERT INTO audit (id, organization_id, at, actor_type, actor_id, address, operation, target_type, target_id,
			outcome, request_id)
		VALUES (p_call, p_organization, p_at, p_actor_type, p_actor, p_address, 'orders.create', 'orders', p_order,
			'ok', p_request);
		COMMIT;
	ELSE
		SELECT b.post_pay INTO v_post_pay FROM book b WHERE b.organization_id = p_organization FOR UPDATE;
		CALL ledger_post(p_organization, p_at, p_entry, 'reservation', IF(v_post_pay, 'receivable', 'available'),
			p_credits, p_reference, 'order', p_order, p_actor_type, p_actor, NULL, NULL, NULL, NULL, NULL,
			p_cycle_started_at, p_cycle_ends_at, NULL, NULL, v_outcome);
		IF v_outcome <> 'ok' THEN
			DELETE FROM orders WHERE organization_id = p_organization AND id = p_order;
		ELSEIF v_post_pay THEN
			UPDATE orders SET post_pay = TRUE WHERE organization_id = p_organization AND id = p_order;
		END IF;
	END IF;
END;

-- What a cycle's spend may reach, and from where on it is announced; NULL: anything, never. What is spent already stays
-- spent. A limit that is changed announces itself anew.
CREATE PROCEDURE book_set_limits(IN p_organization BINARY(16), IN p_soft_limit BIGINT, IN p_hard_limit BIGINT)
SQL SECURITY DEFINER
BEGIN
	UPDATE book SET
		soft_told_at = IF(soft_limit <=> p_soft_limit, soft_told_at, NULL),
		hard_told_at = IF(hard_limit <=> p_hard_limit, hard_told_at, NULL),
		soft_limit = p_soft_limit,
		hard_limit = p_hard_limit
	WHERE organization_id = p_organization;
END;

-- The currency of a book without entries and limits; of another it stays.
CREATE OR REPLACE PROCEDURE book_set_currency(IN p_organization BINARY(16), IN p_currency CHAR(3) CHARACTER SET ascii)
MODIFIES SQL DATA
SQL SECURITY DEFINER
BEGIN
	UPDATE book SET currency = p_currency
	WHERE organization_id = p_organization AND sequence = 0 AND hard_limit IS NULL AND soft_limit IS NULL;
END;

-- The first refusal of the cycle by the hard limit is being announced.
CREATE PROCEDURE book_tell_hard(IN p_organization BINARY(16), IN p_at DATETIME(6))
SQL SECURITY DEFINER
BEGIN
	UPDATE book SET hard_told_at = p_at WHERE organization_id = p_organization;
END;

-- Below how many available credits a low balance is announced; NULL: never.
CREATE PROCEDURE book_set_low_threshold(IN p_organization BINARY(16), IN p_threshold BIGINT)
SQL SECURITY DEFINER
BEGIN
	UPDATE book SET low_threshold = p_threshold WHERE organization_id = p_organization;
END;

-- Below how many available credits an automatic top-up is due; NULL: never.
CREATE PROCEDURE book_set_auto_topup(IN p_organization BINARY(16), IN p_threshold BIGINT)
SQL SECURITY DEFINER
BEGIN
	UPDATE book SET auto_topup_threshold = p_threshold WHERE organization_id = p_organization;
END;

-- Whether new orders are paid afterwards. Those that are open stay what they are.
CREATE PROCEDURE book_set_post_pay(IN p_organization BINARY(16), IN p_post_pay BOOLEAN)
SQL SECURITY DEFINER
BEGIN
	UPDATE book SET post_pay = p_post_pay WHERE organization_id = p_organization;
END;

DROP PROCEDURE book_set_hard_limit;

INSERT INTO notification_rule (type, roles, subject) VALUES
	('limit.soft', 'owner,admin,billing', FALSE),
	('limit.hard', 'owner,admin,billing', FALSE),
	('order.expired', 'owner,admin,billing', FALSE);
