-- The data of the benchmarks: 10,000 organizations with a book, one or two lots, and an API key each. Credits are booked
-- by the ledger's own procedures, so that every invariant holds. The tokens are kept in a schema of their own.

CREATE OR REPLACE DATABASE bench CHARACTER SET ascii COLLATE ascii_bin;
CREATE TABLE bench.token (
	number INT NOT NULL PRIMARY KEY,
	organization_id BINARY(16) NOT NULL,
	token VARCHAR(60) NOT NULL
);
USE purser;

-- Prefix, 43 digits, and the CRC-32 of both in base 62.
SET @digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
INSERT INTO bench.token (number, organization_id, token)
SELECT b.seq, UNHEX(CONCAT('019A0000000070008000', LPAD(HEX(b.seq), 12, '0'))),
	CONCAT(b.body,
		SUBSTR(@digits, 1 + b.crc DIV 916132832 MOD 62, 1),
		SUBSTR(@digits, 1 + b.crc DIV 14776336 MOD 62, 1),
		SUBSTR(@digits, 1 + b.crc DIV 238328 MOD 62, 1),
		SUBSTR(@digits, 1 + b.crc DIV 3844 MOD 62, 1),
		SUBSTR(@digits, 1 + b.crc DIV 62 MOD 62, 1),
		SUBSTR(@digits, 1 + b.crc MOD 62, 1))
FROM (SELECT s.seq, s.body, CRC32(s.body) AS crc
	FROM (SELECT seq, CONCAT('gpra_', LEFT(SHA2(CONCAT('bench', seq), 256), 43)) AS body FROM seq_1_to_10000) s) b;

START TRANSACTION;
INSERT INTO organization (id, name, slug, currency, created_at, updated_at)
SELECT organization_id, CONCAT('Bench ', number), CONCAT('bench-', number), 'AUD', '2026-01-01', '2026-01-01'
FROM bench.token;
INSERT INTO api_key (digest, id, organization_id, name, prefix, permissions, created_at)
SELECT UNHEX(SHA2(token, 256)), UNHEX(CONCAT('019A0000000170008000', LPAD(HEX(number), 12, '0'))), organization_id,
	'bench', LEFT(token, 12), 'billing:read orders:read orders:write usage:read usage:write', '2026-01-01'
FROM bench.token;

DELIMITER //
BEGIN NOT ATOMIC
	DECLARE v_number BINARY(6);
	DECLARE v_organization BINARY(16);
	DECLARE v_outcome VARCHAR(20) CHARACTER SET ascii;

	FOR i IN 1..10000 DO
		SET v_number = UNHEX(LPAD(HEX(i), 12, '0')),
			v_organization = CONCAT(x'019A0000000070008000', v_number);
		CALL book_open(v_organization, 'AUD', '2026-01-01');
		CALL ledger_post(v_organization, '2026-01-01', CONCAT(x'019A0000000270008000', v_number), 'grant', NULL,
			1000000000 + i, 'bench', NULL, NULL, 'system', REPEAT('\0', 16), 'paid', NULL, 0, NULL, NULL, NULL, NULL, NULL,
			NULL, v_outcome);
		IF i MOD 2 = 0 THEN
			CALL ledger_post(v_organization, '2026-01-02', CONCAT(x'019A0000000370008000', v_number), 'grant', NULL, 500,
				'bench', NULL, NULL, 'system', REPEAT('\0', 16), 'promotional', '2099-01-01', 0, NULL, NULL, NULL, NULL,
				NULL, NULL, v_outcome);
		END IF;
	END FOR;
END//
DELIMITER ;
COMMIT;

-- The accounts of the smallest honest transaction.
CREATE TABLE bench.account (id BIGINT NOT NULL PRIMARY KEY, balance BIGINT NOT NULL) ENGINE = InnoDB;
INSERT INTO bench.account (id, balance) SELECT seq, 1000000000 FROM seq_1_to_1000;
CREATE TABLE bench.entry (
	id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
	account_id BIGINT NOT NULL,
	amount BIGINT NOT NULL,
	at TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
	KEY account (account_id, id)
) ENGINE = InnoDB;
