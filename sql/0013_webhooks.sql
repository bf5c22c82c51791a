-- Events to customers' endpoints (Standard Webhooks), and mail by SMTP.

CREATE TABLE event_subscription (
	id BINARY(16) NOT NULL PRIMARY KEY,
	organization_id BINARY(16) NOT NULL,
	event_type VARBINARY(60) NOT NULL, -- or *
	endpoint_url VARCHAR(2000) NOT NULL,
	host VARBINARY(264) NOT NULL, -- name:port of it: so few transfers at once for each
	filter_config LONGTEXT NULL CHECK (JSON_VALID(filter_config)),
	headers VARBINARY(9000) NULL, -- sealed JSON object
	headers_shown TEXT NULL CHECK (JSON_VALID(headers_shown)), -- their names
	description VARCHAR(500) NULL,
	secret VARBINARY(300) NOT NULL, -- sealed
	old_secret VARBINARY(300) NULL, -- signs too, until:
	old_secret_until DATETIME(6) NULL,
	status ENUM('active', 'paused', 'deleted') NOT NULL DEFAULT 'active',
	pause_reason VARCHAR(500) NULL,
	revision INT NOT NULL DEFAULT 0, -- grows when it is moved or resumed: what began before tells nothing of it
	trust TINYINT NOT NULL DEFAULT 1, -- 2: its last attempts were quick; 0: there were not enough of them since one was not; 1: new
	quick_attempts INT NOT NULL DEFAULT 0, -- quick successes in a row
	due_at DATETIME(6) NULL, -- when to look at its deliveries: not after the first of them is due; NULL: none is
	created_at DATETIME(6) NOT NULL,
	updated_at DATETIME(6) NOT NULL,
	KEY organization (organization_id, status, id),
	KEY due (status, trust, due_at),
	KEY old_secret_until (old_secret_until),
	CONSTRAINT event_subscription_organization FOREIGN KEY (organization_id) REFERENCES organization (id)
);

-- Events in the order in which they were seen to be true; one fan-out at a time adds to it, so that nothing ever appears
-- behind what a reader has read.
CREATE TABLE event_feed (
	sequence BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
	organization_id BINARY(16) NOT NULL, -- zeros: none
	event_id BINARY(16) NOT NULL, -- of the outbox
	type VARBINARY(60) NOT NULL, -- as in the outbox
	is_shown BOOLEAN NOT NULL, -- neither one of our own, nor of no organization
	at DATETIME(6) NOT NULL,
	UNIQUE KEY event (event_id),
	KEY organization (organization_id, is_shown, sequence),
	KEY type (organization_id, is_shown, type, sequence),
	KEY at (at)
);

-- An event on its way to a subscription. Whoever writes one holds the subscription's row.
CREATE TABLE event_delivery (
	id BINARY(16) NOT NULL PRIMARY KEY,
	organization_id BINARY(16) NOT NULL,
	subscription_id BINARY(16) NOT NULL,
	event_id BINARY(16) NOT NULL, -- of the outbox
	sequence BIGINT NOT NULL, -- of the feed
	status ENUM('pending', 'delivered', 'failed') NOT NULL DEFAULT 'pending',
	attempts INT NOT NULL DEFAULT 0,
	failures INT NOT NULL DEFAULT 0, -- since it was begun, or asked for again
	due_at DATETIME(6) NULL, -- of the next attempt, or of the one under way; NULL: none
	leased_until DATETIME(6) NULL, -- while one is under way: when that is given up
	lease_token BIGINT NOT NULL DEFAULT 0,
	is_wanted_again BOOLEAN NOT NULL DEFAULT FALSE, -- it was asked for while an attempt was under way
	created_at DATETIME(6) NOT NULL,
	delivered_at DATETIME(6) NULL,
	UNIQUE KEY event (event_id, subscription_id),
	KEY due (subscription_id, due_at, sequence),
	KEY organization (organization_id, id),
	KEY status (organization_id, status, id),
	KEY subscription (subscription_id, id),
	KEY subscription_status (subscription_id, status, id),
	KEY sequence (sequence),
	KEY created_at (created_at)
);

-- Every attempt, as it went.
CREATE TABLE event_attempt (
	delivery_id BINARY(16) NOT NULL,
	attempt INT NOT NULL,
	at DATETIME(6) NOT NULL,
	status SMALLINT NULL, -- HTTP; NULL: no answer
	detail VARCHAR(500) NULL,
	milliseconds INT NOT NULL,
	PRIMARY KEY (delivery_id, attempt),
	CONSTRAINT event_attempt_delivery FOREIGN KEY (delivery_id) REFERENCES event_delivery (id) ON DELETE CASCADE
);

-- Mails by SMTP: a mail waits from when it was written, or is tried again, until it is delivered or given up. While it is
-- tried, `retry_at` is when that is taken for lost. `attempts` are those that reached the mail server.
ALTER TABLE outbox
	ADD attempts INT NOT NULL DEFAULT 0,
	ADD retry_at DATETIME(6) NULL,
	ADD given_up_at DATETIME(6) NULL,
	ADD lease_token BIGINT NOT NULL DEFAULT 0,
	ADD last_error VARCHAR(500) NULL,
	ADD unreachable_since DATETIME(6) NULL, -- the mail server, whenever this mail was tried
	DROP KEY secret_since,
	DROP COLUMN secret_since;
ALTER TABLE outbox
	ADD secret_since DATETIME(6) AS (IF(secret IS NULL, NULL, COALESCE(delivered_at, given_up_at))) VIRTUAL,
	ADD mail_due_at DATETIME(6)
		AS (IF(kind = 'mail' AND delivered_at IS NULL AND given_up_at IS NULL, COALESCE(retry_at, created_at), NULL)) VIRTUAL,
	ADD mail_ended_at DATETIME(6) AS (IF(kind = 'mail', COALESCE(delivered_at, given_up_at), NULL)) VIRTUAL,
	ADD KEY secret_since (secret_since),
	ADD KEY mail_due (mail_due_at, id),
	ADD KEY mail_ended (mail_ended_at);

-- What is told to whom, besides what was before.
INSERT INTO notification_rule (type, roles, subject) VALUES
	('usage.threshold', 'owner,admin,billing', FALSE),
	('webhook.paused', 'owner,admin', FALSE);
