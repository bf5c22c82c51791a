-- What every request leaves: idempotency claims, audit rows, outbox rows; and the jobs' table of what is due.

-- A claim belongs to an organization, or (for an operator) to the operator's key: `space` is that id.
CREATE TABLE idempotency (
	space BINARY(16) NOT NULL,
	operation VARBINARY(80) NOT NULL,
	idempotency_key VARBINARY(255) NOT NULL,
	body_digest BINARY(32) NOT NULL,
	call_id BINARY(16) NOT NULL,
	scopes BIGINT NOT NULL, -- what the caller held: a reply with a secret is not for those who hold less
	status SMALLINT NULL, -- NULL: still open
	reply MEDIUMBLOB NULL,
	reply_sealed BOOLEAN NOT NULL DEFAULT FALSE,
	created_at DATETIME(6) NOT NULL,
	PRIMARY KEY (space, operation, idempotency_key),
	KEY created_at (created_at)
);

CREATE TABLE audit (
	id BINARY(16) NOT NULL PRIMARY KEY, -- the call's ULID
	organization_id BINARY(16) NULL,
	at DATETIME(6) NOT NULL,
	actor_type VARBINARY(20) NOT NULL,
	actor_id BINARY(16) NULL,
	address VARBINARY(45) NULL,
	operation VARBINARY(80) NOT NULL,
	target_type VARBINARY(40) NULL,
	target_id BINARY(16) NULL,
	outcome VARBINARY(40) NOT NULL, -- ok, or the code of the problem that was committed
	request_id VARBINARY(64) NOT NULL,
	KEY organization (organization_id, id)
);

-- The audit's chain is made by a job afterwards, so that no request waits for another's row.
CREATE TABLE audit_chain (
	sequence BIGINT NOT NULL PRIMARY KEY,
	audit_id BINARY(16) NOT NULL,
	previous_hash BINARY(32) NOT NULL,
	hash BINARY(32) NOT NULL,
	UNIQUE KEY audit (audit_id)
);

-- Events and mails, written in the transaction that makes them true.
CREATE TABLE outbox (
	id BINARY(16) NOT NULL PRIMARY KEY, -- the event's id
	organization_id BINARY(16) NULL,
	kind ENUM('event', 'mail') NOT NULL,
	type VARBINARY(60) NOT NULL, -- event type, or the mail's template
	entity_type VARBINARY(40) NOT NULL,
	entity_id BINARY(16) NOT NULL,
	recipient VARCHAR(254) NULL, -- of a mail
	data MEDIUMTEXT NOT NULL CHECK (JSON_VALID(data)),
	secret VARBINARY(1000) NULL, -- sealed; what a mail shows and nothing else may
	created_at DATETIME(6) NOT NULL,
	delivered_at DATETIME(6) NULL,
	KEY undelivered (delivered_at, id),
	KEY organization (organization_id, id)
);

CREATE TABLE job (
	id VARBINARY(80) NOT NULL PRIMARY KEY,
	due_at DATETIME(6) NOT NULL,
	lease_token BIGINT NOT NULL DEFAULT 0, -- grows with every lease: an old holder can book nothing
	leased_until DATETIME(6) NULL,
	last_finished_at DATETIME(6) NULL,
	last_problem VARCHAR(500) NULL
);
