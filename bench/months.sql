-- The data of row 10, in a schema of its own: @COUNT@ organizations with a book, a key and a subscription whose fee and overage
-- the runs of the last three months bill. Half of them pay afterwards, and have two orders a month on account; the others have
-- the credits. Money is booked by the ledger's own procedure. Tokens go to bench.months_token.

CREATE OR REPLACE TABLE bench.months_token (
	number INT NOT NULL PRIMARY KEY,
	organization_id BINARY(16) NOT NULL,
	token VARCHAR(60) NOT NULL
);
SET @digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
INSERT INTO bench.months_token (number, organization_id, token)
SELECT b.seq, UNHEX(CONCAT('019A0000000070008000', LPAD(HEX(b.seq), 12, '0'))),
	CONCAT(b.body,
		SUBSTR(@digits, 1 + b.crc DIV 916132832 MOD 62, 1),
		SUBSTR(@digits, 1 + b.crc DIV 14776336 MOD 62, 1),
		SUBSTR(@digits, 1 + b.crc DIV 238328 MOD 62, 1),
		SUBSTR(@digits, 1 + b.crc DIV 3844 MOD 62, 1),
		SUBSTR(@digits, 1 + b.crc DIV 62 MOD 62, 1),
		SUBSTR(@digits, 1 + b.crc MOD 62, 1))
FROM (SELECT s.seq, s.body, CRC32(s.body) AS crc
	FROM (SELECT seq, CONCAT('gpra_', LEFT(SHA2(CONCAT('bench', seq), 256), 43)) AS body FROM seq_1_to_@COUNT@) s) b;

-- The first months, the oldest one first; the last of them is closed everywhere.
SET @first = DATE_FORMAT(UTC_TIMESTAMP() - INTERVAL 24 HOUR - INTERVAL 3 MONTH, '%Y-%m-01');
CREATE TEMPORARY TABLE bench.month AS
SELECT seq, CAST(@first AS DATETIME(6)) + INTERVAL seq MONTH AS starts_at, CAST(@first AS DATETIME(6)) + INTERVAL seq + 1 MONTH AS ends_at
FROM seq_0_to_2;

START TRANSACTION;
INSERT INTO organization (id, name, slug, country, currency, timezone, billing_email, enterprise_billing, created_at, updated_at)
SELECT organization_id, CONCAT('Bench ', number), CONCAT('bench-', number), 'AU', 'AUD', 'UTC', CONCAT('bench-', number, '@example.com'),
	number MOD 2, @first, @first
FROM bench.months_token;
INSERT INTO api_key (digest, id, organization_id, name, prefix, permissions, created_at)
SELECT UNHEX(SHA2(token, 256)), UNHEX(CONCAT('019A0000000170008000', LPAD(HEX(number), 12, '0'))), organization_id,
	'bench', LEFT(token, 12), 'billing:read billing:write', @first
FROM bench.months_token;
INSERT INTO subscription (id, organization_id, product, plan_id, cycle, status, anchor_on, anchored_at, usage_anchor_on, usage_anchored_at,
	started_at, period_starts_at, period_ends_at, cycle_ends_at, created_at, updated_at)
SELECT UNHEX(CONCAT('019A0000000270008000', LPAD(HEX(number), 12, '0'))), organization_id, 'platform', p.id, 'monthly', 'active', @first, @first,
	@first, @first, @first, @first + INTERVAL 3 MONTH, @first + INTERVAL 4 MONTH, @first + INTERVAL 4 MONTH, @first, @first
FROM bench.months_token JOIN plan p ON p.monthly_price_id = 'price_platform_startup_monthly_1';
INSERT INTO subscription_fee (id, organization_id, subscription_id, starts_at, ends_at, period_starts_at, period_ends_at, plan_id, cycle, seats,
	credits)
SELECT UNHEX(CONCAT('019A0000001', m.seq, '70008000', LPAD(HEX(t.number), 12, '0'))), s.organization_id, s.id, m.starts_at, m.ends_at,
	m.starts_at, m.ends_at, s.plan_id, 'monthly', 1, 4900
FROM bench.months_token t JOIN subscription s ON s.organization_id = t.organization_id JOIN bench.month m;
INSERT INTO usage_cycle (organization_id, starts_at, ends_at, plan_id, subscription_id)
SELECT s.organization_id, m.starts_at, m.ends_at, s.plan_id, s.id FROM subscription s JOIN bench.month m;
INSERT INTO usage_counter (organization_id, cycle_starts_at, metric, value, events)
SELECT t.organization_id, m.starts_at, 'requests', (300000 + t.number MOD 1000) * 1000000, 1000 FROM bench.months_token t JOIN bench.month m;

DELIMITER //
BEGIN NOT ATOMIC
	DECLARE v_number BINARY(6);
	DECLARE v_organization, v_order BINARY(16);
	DECLARE v_at DATETIME(6);
	DECLARE v_outcome VARCHAR(20) CHARACTER SET ascii;
	DECLARE v_sequence BIGINT;

	FOR i IN 1..@COUNT@ DO
		SET v_number = UNHEX(LPAD(HEX(i), 12, '0')), v_organization = CONCAT(x'019A0000000070008000', v_number);
		CALL book_open(v_organization, 'AUD', @first);
		IF i MOD 2 = 0 THEN
			CALL ledger_post(v_organization, @first, CONCAT(x'019A0000000370008000', v_number), 'grant', NULL, 1000000, 'bench',
				NULL, NULL, 'system', REPEAT('\0', 16), 'paid', NULL, 0, NULL, NULL, NULL, NULL, NULL, NULL, v_outcome);
		ELSE
			CALL book_set_post_pay(v_organization, TRUE);
			FOR j IN 0..5 DO
				SET v_order = CONCAT(UNHEX(CONCAT('019A0000002', j, '70008000')), v_number),
					v_at = CAST(@first AS DATETIME(6)) + INTERVAL j DIV 2 MONTH + INTERVAL 10 + j MOD 2 DAY;
				CALL ledger_post(v_organization, v_at, CONCAT(UNHEX(CONCAT('019A0000003', j, '70008000')), v_number), 'charge',
					'receivable', 1200, CONCAT('order-', j), 'order', v_order, 'system', REPEAT('\0', 16), NULL, NULL, NULL, NULL,
					NULL, @first, CAST(@first AS DATETIME(6)) + INTERVAL 12 MONTH, NULL,
					'[{"account":"receivable","unit":"AUD","amount":12000000},{"account":"revenue","unit":"AUD","amount":-12000000}]',
					v_outcome);
				SELECT sequence INTO v_sequence FROM book WHERE organization_id = v_organization;
				INSERT INTO orders (organization_id, id, reference, request_digest, status, post_pay, held, credits, `lines`, created_at,
					hold_expires_at, settled_at, closed_at, charge_sequence)
				VALUES (v_organization, v_order, CONCAT('order-', j), REPEAT('\0', 32), 'settled', TRUE, 1200, 1200,
					'[{"sku":"scene","description":"A scene","quantity":30,"unit_credits":40,"service":"imagery","credits":1200}]',
					v_at, v_at, v_at, v_at, v_sequence);
			END FOR;
		END IF;
	END FOR;
END//
DELIMITER ;
COMMIT;
ANALYZE TABLE organization, book, journal_entry, journal_line, orders, subscription, subscription_fee, usage_cycle, usage_counter;
