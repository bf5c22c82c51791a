-- Organizations, people, keys: who there is. People sign in with a later migration; their rows are foreseen here.
-- Names a caller chooses for machines are VARBINARY; all other text is utf8mb4.

CREATE TABLE credit_price (
	currency CHAR(3) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
	price BIGINT NOT NULL CHECK (price > 0) -- micro-units for one credit
);
INSERT INTO credit_price (currency, price) VALUES
	('AUD', 10000), ('SGD', 9000), ('GBP', 5200), ('NZD', 11000), ('USD', 6600);

CREATE TABLE user (
	id BINARY(16) NOT NULL PRIMARY KEY,
	email VARCHAR(254) NOT NULL,
	email_key VARBINARY(254) NOT NULL, -- lower case: one person an address
	name VARCHAR(200) NOT NULL,
	created_at DATETIME(6) NOT NULL,
	UNIQUE KEY email (email_key)
);

CREATE TABLE organization (
	id BINARY(16) NOT NULL PRIMARY KEY,
	name VARCHAR(200) NOT NULL,
	slug VARBINARY(80) NOT NULL,
	display_name VARCHAR(200) NULL,
	description VARCHAR(2000) NULL,
	website VARCHAR(500) NULL,
	industry VARCHAR(100) NULL,
	size VARCHAR(50) NULL,
	country CHAR(2) CHARACTER SET ascii COLLATE ascii_bin NULL,
	abn CHAR(11) CHARACTER SET ascii COLLATE ascii_bin NULL,
	tax_number VARCHAR(50) NULL,
	billing_email VARCHAR(254) NULL,
	billing_admin_id BINARY(16) NULL,
	billing_line1 VARCHAR(200) NULL,
	billing_line2 VARCHAR(200) NULL,
	billing_city VARCHAR(100) NULL,
	billing_state VARCHAR(100) NULL,
	billing_postal_code VARCHAR(20) NULL,
	billing_country CHAR(2) CHARACTER SET ascii COLLATE ascii_bin NULL,
	enterprise_billing BOOLEAN NOT NULL DEFAULT FALSE,
	enterprise_requested_at DATETIME(6) NULL,
	currency CHAR(3) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	timezone VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'UTC',
	is_personal BOOLEAN NOT NULL DEFAULT FALSE,
	logo_url VARCHAR(500) NULL,
	approval_threshold_credits BIGINT NULL CHECK (approval_threshold_credits >= 0), -- NULL: the platform's
	require_second_person BOOLEAN NOT NULL DEFAULT FALSE,
	credits_low_threshold BIGINT NULL CHECK (credits_low_threshold >= 0),
	rate_limit BIGINT NULL CHECK (rate_limit > 0), -- requests a minute; NULL: the platform's
	hubspot_id VARCHAR(100) NULL,
	status ENUM('active', 'closed') NOT NULL DEFAULT 'active',
	created_at DATETIME(6) NOT NULL,
	updated_at DATETIME(6) NOT NULL,
	UNIQUE KEY slug (slug),
	CONSTRAINT organization_currency FOREIGN KEY (currency) REFERENCES credit_price (currency),
	CONSTRAINT organization_billing_admin FOREIGN KEY (billing_admin_id) REFERENCES user (id)
);

CREATE TABLE membership (
	organization_id BINARY(16) NOT NULL,
	user_id BINARY(16) NOT NULL,
	role ENUM('owner', 'admin', 'billing', 'member', 'viewer') NOT NULL,
	is_active BOOLEAN NOT NULL DEFAULT TRUE,
	created_at DATETIME(6) NOT NULL,
	PRIMARY KEY (organization_id, user_id),
	KEY user (user_id),
	CONSTRAINT membership_organization FOREIGN KEY (organization_id) REFERENCES organization (id),
	CONSTRAINT membership_user FOREIGN KEY (user_id) REFERENCES user (id)
);

CREATE TABLE invitation (
	id BINARY(16) NOT NULL PRIMARY KEY,
	organization_id BINARY(16) NOT NULL,
	email VARCHAR(254) NOT NULL,
	role ENUM('owner', 'admin', 'billing', 'member', 'viewer') NOT NULL,
	token_digest BINARY(32) NOT NULL,
	status ENUM('pending', 'accepted', 'declined', 'revoked') NOT NULL DEFAULT 'pending',
	created_at DATETIME(6) NOT NULL,
	expires_at DATETIME(6) NOT NULL,
	UNIQUE KEY token (token_digest),
	KEY organization (organization_id, id),
	CONSTRAINT invitation_organization FOREIGN KEY (organization_id) REFERENCES organization (id)
);

-- Everything that checking a token needs stands in its one row, found by the clustered digest. What belongs to the
-- organization (status, rate limit) is copied here by whoever changes it there, in the same transaction.
CREATE TABLE api_key (
	digest BINARY(32) NOT NULL PRIMARY KEY, -- SHA-256 of the whole token
	id BINARY(16) NOT NULL,
	organization_id BINARY(16) NULL, -- NULL: an operator's key
	organization_closed BOOLEAN NOT NULL DEFAULT FALSE,
	organization_rate_limit BIGINT NULL,
	name VARCHAR(200) NOT NULL,
	prefix VARBINARY(20) NOT NULL, -- the token's first characters, to recognize it by
	permissions VARBINARY(1000) NOT NULL, -- scopes and wildcards, separated by blanks
	rate_limit BIGINT NULL CHECK (rate_limit > 0), -- requests a minute
	expires_at DATETIME(6) NULL,
	revoked_at DATETIME(6) NULL,
	last_used_at DATETIME(6) NULL,
	replaced_by BINARY(16) NULL, -- the key that a rotation put in its place
	made_by_user_id BINARY(16) NULL,
	created_at DATETIME(6) NOT NULL,
	UNIQUE KEY id (id),
	KEY organization (organization_id, id),
	CONSTRAINT api_key_organization FOREIGN KEY (organization_id) REFERENCES organization (id),
	CONSTRAINT api_key_user FOREIGN KEY (made_by_user_id) REFERENCES user (id)
);
