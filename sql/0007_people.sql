-- People: how they sign in, what they act for, what they are told. Tokens are kept as their SHA-256 alone.

-- An erased person keeps the row that ledger and audit point at, and nothing that tells who it was.
ALTER TABLE user
	MODIFY email VARCHAR(254) NULL,
	MODIFY email_key VARBINARY(254) NULL,
	ADD erased_at DATETIME(6) NULL;

-- Apart from the person, so that only the login that writes can read it.
CREATE TABLE password (
	user_id BINARY(16) NOT NULL PRIMARY KEY,
	hash VARBINARY(120) NOT NULL, -- scrypt$15$8$1$salt$hash
	changed_at DATETIME(6) NOT NULL,
	CONSTRAINT password_user FOREIGN KEY (user_id) REFERENCES user (id)
);

-- One sign-in, and all the tokens that came of it: the family that ends when a spent refresh token comes again.
CREATE TABLE session (
	id BINARY(16) NOT NULL PRIMARY KEY,
	user_id BINARY(16) NOT NULL,
	organization_id BINARY(16) NULL, -- the one it acts for
	scopes VARBINARY(1000) NULL, -- what it was narrowed to, separated by blanks; NULL: all that the role gives
	address VARBINARY(45) NULL,
	user_agent VARCHAR(200) NULL,
	created_at DATETIME(6) NOT NULL,
	refreshed_at DATETIME(6) NOT NULL,
	expires_at DATETIME(6) NOT NULL, -- of its refresh token
	ended_at DATETIME(6) NULL,
	KEY user (user_id, id),
	KEY expires_at (expires_at),
	KEY ended_at (ended_at),
	CONSTRAINT session_user FOREIGN KEY (user_id) REFERENCES user (id),
	CONSTRAINT session_organization FOREIGN KEY (organization_id) REFERENCES organization (id)
);

CREATE TABLE session_token (
	digest BINARY(32) NOT NULL PRIMARY KEY,
	session_id BINARY(16) NOT NULL,
	kind ENUM('access', 'refresh') NOT NULL,
	scopes VARBINARY(1000) NULL, -- of an access token that was asked for less than its session holds
	expires_at DATETIME(6) NOT NULL,
	spent_at DATETIME(6) NULL, -- of a refresh token
	KEY session (session_id),
	KEY expires_at (kind, expires_at),
	CONSTRAINT session_token_session FOREIGN KEY (session_id) REFERENCES session (id) ON DELETE CASCADE
);

-- What OAuth's client credentials gave: it is the key, for a while and perhaps for less.
CREATE TABLE client_token (
	digest BINARY(32) NOT NULL PRIMARY KEY,
	key_digest BINARY(32) NOT NULL,
	scopes VARBINARY(1000) NULL, -- NULL: all that the key holds
	expires_at DATETIME(6) NOT NULL,
	revoked_at DATETIME(6) NULL,
	KEY expires_at (expires_at),
	CONSTRAINT client_token_key FOREIGN KEY (key_digest) REFERENCES api_key (digest)
);

-- Failed sign-ins by SHA-256 of the address in lower case, whether anybody has it or not. The subject's row is what two
-- sign-ins at once wait on.
CREATE TABLE sign_in_subject (
	subject BINARY(32) NOT NULL PRIMARY KEY,
	seen_at DATETIME(6) NOT NULL,
	KEY seen_at (seen_at)
);

CREATE TABLE sign_in_failure (
	subject BINARY(32) NOT NULL,
	id BINARY(16) NOT NULL, -- the call
	at DATETIME(6) NOT NULL,
	PRIMARY KEY (subject, id),
	KEY at (at)
);

-- Somebody asks for a new password. A job finds out whether the address is known and sends the mail, so that asking
-- takes the same time for every address.
CREATE TABLE password_reset_request (
	id BINARY(16) NOT NULL PRIMARY KEY,
	email_key VARBINARY(254) NOT NULL
);

CREATE TABLE password_reset (
	token_digest BINARY(32) NOT NULL PRIMARY KEY,
	user_id BINARY(16) NOT NULL,
	created_at DATETIME(6) NOT NULL,
	expires_at DATETIME(6) NOT NULL,
	used_at DATETIME(6) NULL,
	KEY user (user_id, created_at),
	KEY expires_at (expires_at),
	CONSTRAINT password_reset_user FOREIGN KEY (user_id) REFERENCES user (id)
);

-- Who a subject of an outside identity provider is here.
CREATE TABLE identity (
	issuer VARBINARY(500) NOT NULL,
	subject VARBINARY(255) NOT NULL,
	user_id BINARY(16) NOT NULL,
	created_at DATETIME(6) NOT NULL,
	PRIMARY KEY (issuer, subject),
	KEY user (user_id),
	CONSTRAINT identity_user FOREIGN KEY (user_id) REFERENCES user (id)
);

ALTER TABLE organization
	ADD closed_at DATETIME(6) NULL, -- NULL of one that was closed before there was any erasing: it is kept
	ADD erased_at DATETIME(6) NULL,
	ADD KEY closed (status, erased_at, closed_at);

-- One pending invitation for an address and organization: the newest.
ALTER TABLE invitation
	ADD email_key VARBINARY(254) NOT NULL DEFAULT '' AFTER email,
	ADD invited_by_user_id BINARY(16) NULL,
	ADD decided_at DATETIME(6) NULL;
UPDATE invitation SET email_key = LOWER(email);
-- The programs fold ASCII letters alone.
UPDATE invitation SET status = 'revoked', decided_at = created_at WHERE status = 'pending' AND LENGTH(email) <> CHAR_LENGTH(email);
UPDATE invitation older JOIN invitation newer ON newer.organization_id = older.organization_id
	AND newer.email_key = older.email_key AND newer.status = 'pending' AND newer.id > older.id
SET older.status = 'revoked', older.decided_at = newer.created_at
WHERE older.status = 'pending';
ALTER TABLE invitation
	MODIFY email_key VARBINARY(254) NOT NULL,
	ADD pending_for VARBINARY(254) AS (IF(status = 'pending', email_key, NULL)) VIRTUAL,
	ADD UNIQUE KEY pending (organization_id, pending_for),
	ADD CONSTRAINT invitation_invited_by FOREIGN KEY (invited_by_user_id) REFERENCES user (id);

-- Before the first entry or limit alone: what was booked or limited was so in that currency.
CREATE PROCEDURE book_set_currency(IN p_organization BINARY(16), IN p_currency CHAR(3) CHARACTER SET ascii)
MODIFIES SQL DATA
SQL SECURITY DEFINER
BEGIN
	UPDATE book SET currency = p_currency WHERE organization_id = p_organization AND sequence = 0 AND hard_limit IS NULL;
END;

-- What a person is told: every event of these types reaches the members with one of the roles; where the event is about a
-- person (`subject`), that person too. The row is written with the event, by the trigger; nobody is told of joining.
CREATE TABLE notification_rule (
	type VARBINARY(60) NOT NULL PRIMARY KEY,
	roles VARCHAR(60) CHARACTER SET ascii COLLATE ascii_bin NOT NULL, -- separated by commas
	subject BOOLEAN NOT NULL DEFAULT FALSE
);
INSERT INTO notification_rule (type, roles, subject) VALUES
	('credits.low', 'owner,admin,billing', FALSE),
	('member.joined', 'owner,admin', FALSE),
	('member.updated', '', TRUE),
	('member.removed', '', TRUE),
	('organization.closed', 'owner,admin,billing,member,viewer', FALSE),
	('organization.reopened', 'owner,admin,billing,member,viewer', FALSE);

CREATE TABLE notification (
	user_id BINARY(16) NOT NULL,
	id BINARY(16) NOT NULL, -- the event's
	organization_id BINARY(16) NULL,
	type VARBINARY(60) NOT NULL,
	entity_type VARBINARY(40) NOT NULL,
	entity_id BINARY(16) NOT NULL,
	data MEDIUMTEXT NOT NULL CHECK (JSON_VALID(data)),
	created_at DATETIME(6) NOT NULL,
	read_at DATETIME(6) NULL,
	dismissed_at DATETIME(6) NULL,
	PRIMARY KEY (user_id, id),
	KEY created_at (created_at),
	KEY dismissed_at (dismissed_at),
	KEY organization (organization_id),
	CONSTRAINT notification_user FOREIGN KEY (user_id) REFERENCES user (id)
);

-- Mails by what is still to be done: they are sent, and a while later their secrets are forgotten; and by whom they went
-- to, for when that person is erased. Events wait here, too.
ALTER TABLE outbox
	ADD secret_since DATETIME(6) AS (IF(secret IS NULL, NULL, delivered_at)) VIRTUAL,
	ADD KEY secret_since (secret_since),
	ADD KEY recipient (recipient),
	ADD KEY kind (kind, delivered_at, id);

CREATE TRIGGER outbox_notifies AFTER INSERT ON outbox FOR EACH ROW
BEGIN
	IF NEW.kind = 'event' THEN
		INSERT INTO notification (user_id, id, organization_id, type, entity_type, entity_id, data, created_at)
		SELECT m.user_id, NEW.id, NEW.organization_id, NEW.type, NEW.entity_type, NEW.entity_id, NEW.data, NEW.created_at
		FROM notification_rule r
		JOIN membership m ON m.organization_id = NEW.organization_id AND m.is_active AND FIND_IN_SET(m.role, r.roles)
		WHERE r.type = NEW.type AND m.user_id <> NEW.entity_id;
		INSERT INTO notification (user_id, id, organization_id, type, entity_type, entity_id, data, created_at)
		SELECT u.id, NEW.id, NEW.organization_id, NEW.type, NEW.entity_type, NEW.entity_id, NEW.data, NEW.created_at
		FROM notification_rule r
		JOIN user u ON u.id = NEW.entity_id
		WHERE r.type = NEW.type AND r.subject;
	END IF;
END;
