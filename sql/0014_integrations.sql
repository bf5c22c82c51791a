-- Where an organization's figures (Prometheus) and audit events (Loki) go.

CREATE TABLE integration (
	organization_id BINARY(16) NOT NULL,
	kind ENUM('prom', 'loki') NOT NULL,
	login VARCHAR(200) NOT NULL, -- `id` of basic auth
	token VARBINARY(1000) NOT NULL, -- sealed
	token_end VARCHAR(4) NOT NULL, -- its last characters, to show
	endpoint VARCHAR(2000) NOT NULL,
	due_at DATETIME(6) NOT NULL, -- of the next push
	cursor_id BINARY(16) NULL, -- of Loki: the last audit row that was pushed
	failures INT NOT NULL DEFAULT 0, -- in a row
	last_error VARCHAR(500) NULL,
	last_pushed_at DATETIME(6) NULL,
	updated_at DATETIME(6) NOT NULL,
	PRIMARY KEY (organization_id, kind),
	KEY due (due_at),
	CONSTRAINT integration_organization FOREIGN KEY (organization_id) REFERENCES organization (id)
);
