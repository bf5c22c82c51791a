-- The sandbox: a card processor that charges no real card, for development and demonstrations. What a real one keeps on its
-- side is kept here; no other table refers to these.

CREATE TABLE sandbox_customer (
	id VARBINARY(100) NOT NULL PRIMARY KEY,
	organization_id BINARY(16) NOT NULL,
	created_at DATETIME(6) NOT NULL,
	UNIQUE KEY organization (organization_id)
);

CREATE TABLE sandbox_setup (
	id VARBINARY(100) NOT NULL PRIMARY KEY,
	customer_id VARBINARY(100) NOT NULL,
	client_secret VARBINARY(200) NOT NULL,
	idempotency_key VARBINARY(255) NOT NULL,
	created_at DATETIME(6) NOT NULL,
	UNIQUE KEY idempotency_key (idempotency_key),
	CONSTRAINT sandbox_setup_customer FOREIGN KEY (customer_id) REFERENCES sandbox_customer (id)
);

CREATE TABLE sandbox_card (
	id VARBINARY(100) NOT NULL PRIMARY KEY,
	customer_id VARBINARY(100) NOT NULL,
	kind VARBINARY(60) NOT NULL, -- pm_card_…: what it does when it is charged
	exp_month TINYINT UNSIGNED NOT NULL,
	exp_year SMALLINT UNSIGNED NOT NULL,
	idempotency_key VARBINARY(255) NOT NULL, -- of the request that attached it
	created_at DATETIME(6) NOT NULL,
	detached_at DATETIME(6) NULL,
	UNIQUE KEY idempotency_key (idempotency_key),
	CONSTRAINT sandbox_card_customer FOREIGN KEY (customer_id) REFERENCES sandbox_customer (id)
);

-- A payment intent. It is charged once, from the moment `charged_at` on: until then the processor works on it.
CREATE TABLE sandbox_intent (
	id VARBINARY(100) NOT NULL PRIMARY KEY,
	customer_id VARBINARY(100) NOT NULL,
	payment_id BINARY(16) NOT NULL, -- metadata[topup_id]
	amount BIGINT NOT NULL CHECK (amount > 0), -- micro-units
	currency VARBINARY(3) NOT NULL,
	description VARBINARY(2000) NOT NULL,
	client_secret VARBINARY(200) NOT NULL,
	state ENUM('ready', 'action', 'charged', 'declined', 'cancelled') NOT NULL DEFAULT 'ready',
	code VARBINARY(60) NULL, -- why it was declined
	refunded BIGINT NOT NULL DEFAULT 0,
	request_digest BINARY(32) NOT NULL, -- of the request that made it
	idempotency_key VARBINARY(255) NOT NULL,
	created_at DATETIME(6) NOT NULL,
	charged_at DATETIME(6) NULL,
	UNIQUE KEY idempotency_key (idempotency_key),
	KEY payment (customer_id, payment_id),
	KEY charged (charged_at, id),
	CHECK (refunded >= 0 AND refunded <= amount),
	CHECK ((state = 'charged') = (charged_at IS NOT NULL)),
	CONSTRAINT sandbox_intent_customer FOREIGN KEY (customer_id) REFERENCES sandbox_customer (id)
);

-- What each request to confirm came to, so that a repetition is told the same.
CREATE TABLE sandbox_confirmation (
	idempotency_key VARBINARY(255) NOT NULL PRIMARY KEY,
	intent_id VARBINARY(100) NOT NULL,
	card_id VARBINARY(100) NOT NULL,
	state ENUM('action', 'charged', 'declined') NOT NULL,
	code VARBINARY(60) NULL,
	charged_at DATETIME(6) NULL,
	created_at DATETIME(6) NOT NULL,
	CONSTRAINT sandbox_confirmation_intent FOREIGN KEY (intent_id) REFERENCES sandbox_intent (id)
);

CREATE TABLE sandbox_refund (
	id VARBINARY(100) NOT NULL PRIMARY KEY,
	intent_id VARBINARY(100) NOT NULL,
	amount BIGINT NOT NULL CHECK (amount > 0), -- micro-units
	idempotency_key VARBINARY(255) NOT NULL,
	created_at DATETIME(6) NOT NULL,
	UNIQUE KEY idempotency_key (idempotency_key),
	KEY created_at (created_at, id),
	CONSTRAINT sandbox_refund_intent FOREIGN KEY (intent_id) REFERENCES sandbox_intent (id)
);
