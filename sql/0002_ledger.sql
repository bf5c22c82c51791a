-- The double-entry ledger. A journal entry's lines sum to zero per unit; every entry of an organization extends its one
-- hash chain; the book row changes only together with an entry, by ledger_post alone (0003).

-- One row an organization: what it has, and the head of its chain.
CREATE TABLE book (
	organization_id BINARY(16) NOT NULL PRIMARY KEY,
	currency CHAR(3) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	available BIGINT NOT NULL DEFAULT 0 CHECK (available >= 0), -- credits
	reserved BIGINT NOT NULL DEFAULT 0 CHECK (reserved >= 0),
	debt BIGINT NOT NULL DEFAULT 0 CHECK (debt >= 0),
	cycle_started_at DATETIME(6) NOT NULL,
	cycle_spend BIGINT NOT NULL DEFAULT 0 CHECK (cycle_spend >= 0), -- credits reserved and charged in the cycle
	hard_limit BIGINT NULL CHECK (hard_limit >= 0), -- credits a cycle; NULL: none
	next_lot_expiry DATETIME(6) NULL, -- no lot falls due before this; NULL: none ever does
	-- The open lots as a reader of the balance wants them: `source,remaining,expiry` in drawing order, joined by `;`, the
	-- expiry in microseconds since 1970 or empty. NULL: more than eight, read the lots themselves.
	lots VARCHAR(500) CHARACTER SET ascii NULL DEFAULT '',
	lapsed BIGINT NOT NULL DEFAULT 0 CHECK (lapsed >= 0), -- left in lots that fell due while it was reserved
	sequence BIGINT NOT NULL DEFAULT 0, -- of the last entry
	head_hash BINARY(32) NOT NULL, -- of the last entry; 32 zero bytes before the first
	KEY next_lot_expiry (next_lot_expiry),
	CONSTRAINT book_organization FOREIGN KEY (organization_id) REFERENCES organization (id)
);

CREATE TABLE journal_entry (
	organization_id BINARY(16) NOT NULL,
	sequence BIGINT NOT NULL CHECK (sequence > 0),
	id BINARY(16) NOT NULL,
	at DATETIME(6) NOT NULL,
	reason ENUM('grant', 'topup', 'auto_topup', 'reservation', 'release', 'charge', 'refund', 'clawback', 'expiry',
		'adjustment', 'plan_fee', 'overage', 'commitment_shortfall') NOT NULL,
	description VARCHAR(500) NULL,
	reference_type VARBINARY(40) NULL,
	reference_id BINARY(16) NULL,
	actor_type VARBINARY(20) NOT NULL,
	actor_id BINARY(16) NOT NULL,
	available_change BIGINT NOT NULL,
	reserved_change BIGINT NOT NULL,
	available_after BIGINT NOT NULL,
	reserved_after BIGINT NOT NULL,
	debt_after BIGINT NOT NULL,
	previous_hash BINARY(32) NOT NULL,
	hash BINARY(32) NOT NULL,
	PRIMARY KEY (organization_id, sequence),
	UNIQUE KEY id (id),
	KEY reason (organization_id, reason, sequence),
	CONSTRAINT journal_entry_book FOREIGN KEY (organization_id) REFERENCES book (organization_id)
);

CREATE TABLE journal_line (
	organization_id BINARY(16) NOT NULL,
	sequence BIGINT NOT NULL,
	line TINYINT UNSIGNED NOT NULL,
	account ENUM('available', 'reserved', 'debt', 'promotions', 'sold', 'consumed', 'breakage', 'adjustments',
		'processor_clearing', 'receivable', 'revenue', 'tax') NOT NULL,
	unit CHAR(3) CHARACTER SET ascii COLLATE ascii_bin NOT NULL, -- 'CRD' (credits) or a currency (micro-units)
	amount BIGINT NOT NULL,
	PRIMARY KEY (organization_id, sequence, line),
	CONSTRAINT journal_line_entry FOREIGN KEY (organization_id, sequence)
		REFERENCES journal_entry (organization_id, sequence)
);

-- Credit comes in lots and is drawn from them when it is charged: the sum of what is left in the lots is always
-- available + reserved.
CREATE TABLE lot (
	id BINARY(16) NOT NULL PRIMARY KEY,
	organization_id BINARY(16) NOT NULL,
	source ENUM('paid', 'promotional', 'free_tier', 'goodwill') NOT NULL,
	granted BIGINT NOT NULL CHECK (granted >= 0),
	remaining BIGINT NOT NULL CHECK (remaining >= 0),
	expires_at DATETIME(6) NULL,
	priority SMALLINT NOT NULL DEFAULT 0, -- lower is drawn first
	fell_due BOOLEAN NOT NULL DEFAULT FALSE, -- past its expiry; what is left is reserved and expires when released
	created_at DATETIME(6) NOT NULL,
	is_open BOOLEAN AS (remaining > 0) VIRTUAL,
	KEY open_lots (organization_id, is_open, expires_at),
	CONSTRAINT lot_book FOREIGN KEY (organization_id) REFERENCES book (organization_id)
);

-- Which entry changed which lot by how much: a lot's `remaining` is the sum of its movements.
CREATE TABLE lot_movement (
	organization_id BINARY(16) NOT NULL,
	sequence BIGINT NOT NULL,
	lot_id BINARY(16) NOT NULL,
	amount BIGINT NOT NULL,
	PRIMARY KEY (organization_id, sequence, lot_id),
	KEY lot (lot_id),
	CONSTRAINT lot_movement_entry FOREIGN KEY (organization_id, sequence)
		REFERENCES journal_entry (organization_id, sequence)
);

-- How far the nightly proof has come. No foreign key leads to the book: noting a proof would hold a lock there, which
-- whoever books has to wait for.
CREATE TABLE ledger_checkpoint (
	organization_id BINARY(16) NOT NULL PRIMARY KEY,
	sequence BIGINT NOT NULL,
	hash BINARY(32) NOT NULL,
	available BIGINT NOT NULL, -- the sums over all lines up to there, in credits
	reserved BIGINT NOT NULL,
	debt BIGINT NOT NULL,
	proven_at DATETIME(6) NOT NULL,
	fully_proven_at DATETIME(6) NULL, -- when the last proof from the first entry on ended
	first_fault VARCHAR(500) NULL, -- what the last proof found broken, or NULL
	KEY fully_proven_at (fully_proven_at)
);
