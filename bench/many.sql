-- The data of row 9, in a schema of its own: @COUNT@ organizations with a book, a lot and an API key each, as a reader of
-- the balance finds them; the ledger behind it is left out. Tokens go to bench.many_token.

CREATE OR REPLACE TABLE bench.many_token (
	number INT NOT NULL PRIMARY KEY,
	organization_id BINARY(16) NOT NULL,
	token VARCHAR(60) NOT NULL
);
SET @digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
INSERT INTO bench.many_token (number, organization_id, token)
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

INSERT INTO organization (id, name, slug, currency, created_at, updated_at)
SELECT organization_id, CONCAT('Bench ', number), CONCAT('bench-', number), 'AUD', '2026-01-01', '2026-01-01'
FROM bench.many_token;
INSERT INTO api_key (digest, id, organization_id, name, prefix, permissions, created_at)
SELECT UNHEX(SHA2(token, 256)), UNHEX(CONCAT('019A0000000170008000', LPAD(HEX(number), 12, '0'))), organization_id,
	'bench', LEFT(token, 12), 'billing:read', '2026-01-01'
FROM bench.many_token;
INSERT INTO book (organization_id, currency, available, cycle_started_at, lots, sequence, head_hash)
SELECT organization_id, 'AUD', 1000 + number, '2026-01-01', CONCAT('paid,', 1000 + number, ','), 1, REPEAT('\0', 32)
FROM bench.many_token;
INSERT INTO lot (id, organization_id, source, granted, remaining, created_at)
SELECT UNHEX(CONCAT('019A0000000270008000', LPAD(HEX(number), 12, '0'))), organization_id, 'paid', 1000 + number,
	1000 + number, '2026-01-01'
FROM bench.many_token;
ANALYZE TABLE organization, api_key, book, lot;
