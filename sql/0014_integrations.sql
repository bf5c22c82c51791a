-- Where an organization's figures (Prometheus) and audit events (Loki) go.

CREATE TABLE integration (
	organization_id BINARY(16) NOT NULL,
	kind ENUM('prom', 'loki') NOT NULL,
	login VARCHAR(200) NOT NULL, -- `id` of basic auth
	token VARBINARY(1000) NOT NULL, -- sealed
	token_end VARCHAR(4) NOT NULL, -- its last characters, to show
	endpoint VARCHAR(2000) NOT NULL,
	host VARBINARY(264) NOT NULL, -- name:port of it: so few transfers at once for each
	due_at DATETIME(6) NOT NULL, -- of the next push; while one is under way: when another may try
	cursor_sequence BIGINT NULL, -- of Loki: the last link of the audit's chain that was pushed
	failures INT NOT NULL DEFAULT 0, -- in a row
	refusals INT NOT NULL DEFAULT 0, -- of Loki: how often what is due was refused for good
	last_error VARCHAR(500) NULL,
	dropped_at DATETIME(6) NULL, -- of Loki: when lines were given up, if last_error tells of that
	last_pushed_at DATETIME(6) NULL, -- successfully
	is_slow BOOLEAN NOT NULL DEFAULT FALSE, -- the last push took over two seconds
	created_at DATETIME(6) NOT NULL, -- what was done before is not told
	updated_at DATETIME(6) NOT NULL,
	PRIMARY KEY (organization_id, kind),
	KEY due (due_at),
	CONSTRAINT integration_organization FOREIGN KEY (organization_id) REFERENCES organization (id)
);

-- The chain has every audit row once, in an order that never changes, also those that committed late. With the
-- organization beside it, one number says how far an organization's rows were read.
ALTER TABLE audit_chain ADD COLUMN organization_id BINARY(16) NULL, ADD KEY organization (organization_id, sequence);
UPDATE audit_chain c JOIN audit a ON a.id = c.audit_id SET c.organization_id = a.organization_id;
