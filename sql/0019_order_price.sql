-- Orders at a lower price: what two triggers (0015) did for every entry and every line is done where it is needed only.

SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION,ERROR_FOR_DIVISION_BY_ZERO';

ALTER TABLE book ADD COLUMN newest_at DATETIME(6) NULL; -- of all its entries; what is booked at an earlier time is late

-- The one of 0003, which also keeps journal_late and receivable_after. Writes one entry and its lines, and moves the state
-- on; the book is locked. `p_outside` is the account on the other side of what `available`, `reserved` and `debt` do together;
-- NULL where credits move between available and reserved only. Every SET and IF costs a microsecond or two, hence the long
-- expressions.
CREATE OR REPLACE PROCEDURE ledger_append(
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
	UPDATE book SET newest_at = IF(@purser_is_late := p_at < newest_at, newest_at, p_at)
	WHERE organization_id = p_organization;
	IF @purser_is_late THEN
		INSERT INTO journal_late (organization_id, day, sequence) VALUES (p_organization, DATE(p_at), v_sequence)
		ON DUPLICATE KEY UPDATE sequence = v_sequence;
	END IF;
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
			unit CHAR(3) CHARACTER SET ascii COLLATE ascii_bin PATH '$.unit',
			amount BIGINT PATH '$.amount')) m;
		INSERT INTO receivable_after (organization_id, currency, sequence, amount)
		SELECT p_organization, m.unit, v_sequence, SUM(m.amount) + COALESCE((SELECT r.amount FROM receivable_after r
			WHERE r.organization_id = p_organization AND r.currency = m.unit AND r.sequence < v_sequence
			ORDER BY r.sequence DESC LIMIT 1), 0)
		FROM JSON_TABLE(p_money, '$[*]' COLUMNS (
			account VARCHAR(20) CHARACTER SET ascii COLLATE ascii_nopad_bin PATH '$.account',
			unit CHAR(3) CHARACTER SET ascii COLLATE ascii_bin PATH '$.unit',
			amount BIGINT PATH '$.amount')) m
		WHERE m.account = 'receivable' GROUP BY m.unit
		ON DUPLICATE KEY UPDATE receivable_after.amount = VALUES(amount); -- the trigger's, while it is there
	END IF;
END;

-- The one of 0008, which keeps journal_late, too. Makes an order: its row, and its reservation. One round trip. A reference
-- that is there already is an error of its unique key (1062).
--
-- Most orders change three numbers and pass no threshold: for them the credits are taken by one conditional UPDATE, which
-- also makes the next link of the chain, and the call is ended as `finish` does it, so that the row that all of an
-- organization's callers wait for is held for no round trip. That is what ledger_post would write, at a fraction of its
-- price; nothing is answered, and all is committed. Else ledger_post books and answers; where its outcome is not `ok`, no
-- row is left. Statements, columns of an answer and parameters cost some microseconds each, hence the shape of this.
CREATE OR REPLACE PROCEDURE order_create(
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
		cycle_spend = cycle_spend + p_credits,
		newest_at = IF(@purser_is_late := p_at < newest_at, newest_at, p_at)
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
		IF @purser_is_late THEN
			INSERT INTO journal_late (organization_id, day, sequence) VALUES (p_organization, DATE(p_at), @purser_sequence)
			ON DUPLICATE KEY UPDATE sequence = @purser_sequence;
		END IF;
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

-- The triggers go last: whoever books meanwhile leaves the same with them as without.
UPDATE book b SET b.newest_at = (SELECT MAX(e.at) FROM journal_entry e WHERE e.organization_id = b.organization_id);
DROP TRIGGER journal_late_is_kept;
DROP TRIGGER receivable_is_kept;
