-- Subscriptions, what they cost, and the cycles that counters, quotas and spending limits belong to.

SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION,ERROR_FOR_DIVISION_BY_ZERO';

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
	anchored_at DATETIME(6) NOT NULL, -- the moment in that day at which the first of them begins; the trial's end, where there is one
	-- The same of usage cycles. No change of the way to pay moves it, and what is begun again within a cycle takes it over.
	usage_anchor_on DATE NOT NULL,
	usage_anchored_at DATETIME(6) NOT NULL,
	started_at DATETIME(6) NOT NULL,
	period_starts_at DATETIME(6) NOT NULL,
	period_ends_at DATETIME(6) NOT NULL,
	trial_ends_at DATETIME(6) NULL,
	cancel_at DATETIME(6) NULL,
	cycle_ends_at DATETIME(6) NULL, -- of the usage cycle that was written down last; of `platform` only
	cancelled_at DATETIME(6) NULL, -- = started_at: its first fee was never paid, and it never was
	past_due_since DATETIME(6) NULL, -- of a cancelled one: its payment is still owed
	retries INT NOT NULL DEFAULT 0, -- failed attempts since
	retry_at DATETIME(6) NULL, -- when the next attempt is due; NULL: none
	pause_reason LONGTEXT NULL CHECK (JSON_VALID(pause_reason)), -- {"invoices": [...]}, of the org record
	created_at DATETIME(6) NOT NULL,
	updated_at DATETIME(6) NOT NULL,
	open_product VARBINARY(10) AS (IF(status = 'cancelled', NULL, product)) VIRTUAL,
	-- When time alone changes it next.
	due_at DATETIME(6) AS (IF(status IN ('incomplete', 'cancelled'), NULL,
		LEAST(period_ends_at, COALESCE(cancel_at, period_ends_at), COALESCE(cycle_ends_at, period_ends_at)))) VIRTUAL,
	UNIQUE KEY open_one (organization_id, open_product),
	KEY due (due_at),
	KEY retry (retry_at),
	CONSTRAINT subscription_organization FOREIGN KEY (organization_id) REFERENCES organization (id),
	CONSTRAINT subscription_plan FOREIGN KEY (plan_id) REFERENCES plan (id)
);

-- What a stretch of a period costs: the whole period, or the part of it for which one plan and number of seats held. What was
-- not charged when it began (charged_at NULL) is the monthly run's to bill.
CREATE TABLE subscription_fee (
	id BINARY(16) NOT NULL PRIMARY KEY,
	organization_id BINARY(16) NOT NULL,
	subscription_id BINARY(16) NOT NULL,
	starts_at DATETIME(6) NOT NULL,
	ends_at DATETIME(6) NOT NULL,
	period_starts_at DATETIME(6) NOT NULL, -- of the whole period that its price is for
	period_ends_at DATETIME(6) NOT NULL,
	plan_id BINARY(16) NOT NULL,
	cycle ENUM('monthly', 'yearly') NOT NULL,
	seats INT NOT NULL,
	credits BIGINT NOT NULL CHECK (credits >= 0), -- what it costs, or is worth
	charged_at DATETIME(6) NULL,
	on_account BOOLEAN NOT NULL DEFAULT FALSE, -- charged in money
	sequence BIGINT NULL, -- the ledger's entry that charged for it; NULL: it cost no more than what came before it
	drawn BIGINT NOT NULL DEFAULT 0 CHECK (drawn >= 0), -- credits that this entry took: the difference to what came before
	refilled BIGINT NOT NULL DEFAULT 0, -- how much of that was given back later
	KEY subscription (subscription_id, starts_at, id),
	KEY uncharged (organization_id, charged_at, starts_at),
	CHECK (refilled >= 0 AND refilled <= drawn),
	CHECK (starts_at <= ends_at),
	CONSTRAINT subscription_fee_subscription FOREIGN KEY (subscription_id) REFERENCES subscription (id)
);

-- A start or a change that waits for its card payment, as it will be.
CREATE TABLE subscription_change (
	payment_id BINARY(16) NOT NULL PRIMARY KEY,
	organization_id BINARY(16) NOT NULL,
	subscription_id BINARY(16) NOT NULL,
	is_start BOOLEAN NOT NULL,
	plan_id BINARY(16) NOT NULL,
	cycle ENUM('monthly', 'yearly') NOT NULL,
	seats INT NOT NULL,
	-- What it was computed for. Where the period is another one when the money comes, the money stays credits.
	period_starts_at DATETIME(6) NOT NULL,
	credits BIGINT NOT NULL CHECK (credits >= 0), -- what the new stretch costs
	credit_back BIGINT NOT NULL CHECK (credit_back >= 0), -- what is left of the one before it
	status ENUM('pending', 'done', 'gone') NOT NULL DEFAULT 'pending',
	created_at DATETIME(6) NOT NULL,
	ended_at DATETIME(6) NULL,
	open_of BINARY(16) AS (IF(status = 'pending', subscription_id, NULL)) VIRTUAL,
	UNIQUE KEY open_of (open_of),
	CONSTRAINT subscription_change_subscription FOREIGN KEY (subscription_id) REFERENCES subscription (id)
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

ALTER TABLE payment MODIFY COLUMN purpose ENUM('topup', 'approval', 'auto_topup', 'subscription') NOT NULL;

-- The one of 0008, which explains it, but that a plan_fee or an overage can be on account, too: with p_from `receivable` it
-- moves money lines alone, and counts as spent.
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

-- The ledger's cycle is that one from now on. As ledger_post does, it counts anew only where the stored one is over: one
-- that is cut short goes on with its spend, and with what was announced.
CREATE PROCEDURE book_begin_cycle(
	IN p_organization BINARY(16),
	IN p_at DATETIME(6),
	IN p_starts_at DATETIME(6),
	IN p_ends_at DATETIME(6)
)
MODIFIES SQL DATA
SQL SECURITY DEFINER
BEGIN
	DECLARE v_is_over BOOLEAN;

	SELECT COALESCE(b.cycle_ends_at <= p_at, TRUE) AND p_starts_at > b.cycle_started_at
		AND COALESCE(p_starts_at >= b.cycle_ends_at - INTERVAL 27 HOUR, TRUE)
	INTO v_is_over FROM book b WHERE b.organization_id = p_organization FOR UPDATE;
	UPDATE book SET cycle_spend = IF(v_is_over, reserved + committed, cycle_spend),
		soft_told_at = IF(v_is_over, NULL, soft_told_at), hard_told_at = IF(v_is_over, NULL, hard_told_at),
		cycle_started_at = p_starts_at, cycle_ends_at = p_ends_at
	WHERE organization_id = p_organization;
END;

INSERT INTO notification_rule (type, roles, subject) VALUES
	('subscription.paused', 'owner,admin,billing', FALSE);
