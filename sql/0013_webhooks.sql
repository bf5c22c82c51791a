-- Events to customers' endpoints (Standard Webhooks), and mail by SMTP.

CREATE TABLE event_subscription (
	id BINARY(16) NOT NULL PRIMARY KEY,
	organization_id BINARY(16) NOT NULL,
	event_type VARBINARY(60) NOT NULL, -- or *
	endpoint_url VARCHAR(2000) NOT NULL,
	filter_config LONGTEXT NULL CHECK (JSON_VALID(filter_config)),
	headers VARBINARY(8000) NULL, -- sealed JSON object
	description VARCHAR(500) NULL,
	secret VARBINARY(300) NOT NULL, -- sealed
	old_secret VARBINARY(300) NULL, -- signs too, until:
	old_secret_until DATETIME(6) NULL,
	status ENUM('active', 'paused', 'deleted') NOT NULL DEFAULT 'active',
	pause_reason VARCHAR(500) NULL,
	created_at DATETIME(6) NOT NULL,
	updated_at DATETIME(6) NOT NULL,
	KEY organization (organization_id, status, id),
	CONSTRAINT event_subscription_organization FOREIGN KEY (organization_id) REFERENCES organization (id)
);

-- An event on its way to a subscription.
CREATE TABLE event_delivery (
	id BINARY(16) NOT NULL PRIMARY KEY,
	organization_id BINARY(16) NOT NULL,
	subscription_id BINARY(16) NOT NULL,
	event_id BINARY(16) NOT NULL, -- of the outbox
	status ENUM('pending', 'delivered', 'failed') NOT NULL DEFAULT 'pending',
	attempts INT NOT NULL DEFAULT 0,
	due_at DATETIME(6) NULL, -- of the next attempt; NULL: none
	lease_token BIGINT NOT NULL DEFAULT 0,
	leased_until DATETIME(6) NULL,
	created_at DATETIME(6) NOT NULL,
	delivered_at DATETIME(6) NULL,
	KEY due (due_at, id),
	KEY organization (organization_id, id),
	KEY subscription (subscription_id, id)
);

-- Every attempt, as it went.
CREATE TABLE event_attempt (
	delivery_id BINARY(16) NOT NULL,
	attempt INT NOT NULL,
	at DATETIME(6) NOT NULL,
	status SMALLINT NULL, -- HTTP; NULL: no answer
	detail VARCHAR(500) NULL,
	milliseconds INT NOT NULL,
	PRIMARY KEY (delivery_id, attempt)
);
