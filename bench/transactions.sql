-- The data of row 6: one organization's million journal entries, as a reader of the transactions finds them; their lines and
-- their chain are left out.
USE purser;
INSERT INTO journal_entry (organization_id, sequence, id, at, reason, description, reference_type, reference_id, actor_type,
	actor_id, available_change, reserved_change, available_after, reserved_after, debt_after, previous_hash, hash)
SELECT organization_id, 1000 + seq, UNHEX(CONCAT('019A0000000470008000', LPAD(HEX(seq), 12, '0'))),
	'2026-01-01' + INTERVAL seq SECOND, 'charge', CONCAT('order ', seq), 'order',
	UNHEX(CONCAT('019A0000000570008000', LPAD(HEX(seq), 12, '0'))), 'api_key', REPEAT('k', 16), -1, 0, 2000000 - seq, 0, 0,
	REPEAT('\0', 32), REPEAT('\0', 32)
FROM bench.token, seq_1_to_1000000 WHERE number = 10000;
