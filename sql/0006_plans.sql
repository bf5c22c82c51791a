-- Plans, in versions. A version once published never changes; what is sold next is a new version.

CREATE TABLE plan (
	id BINARY(16) NOT NULL PRIMARY KEY,
	product ENUM('platform', 'spaces') NOT NULL,
	name VARCHAR(100) NOT NULL,
	tier VARBINARY(40) NOT NULL,
	version INT NOT NULL,
	status ENUM('draft', 'published', 'retired') NOT NULL,
	currency CHAR(3) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	monthly_price_id VARBINARY(80) NULL,
	monthly_amount BIGINT NULL CHECK (monthly_amount >= 0), -- micro-units
	yearly_price_id VARBINARY(80) NULL,
	yearly_amount BIGINT NULL CHECK (yearly_amount >= 0),
	features LONGTEXT NOT NULL CHECK (JSON_VALID(features)), -- name: boolean, integer or string
	trial_days INT NOT NULL DEFAULT 0 CHECK (trial_days >= 0),
	created_at DATETIME(6) NOT NULL,
	UNIQUE KEY version (product, tier, version),
	UNIQUE KEY monthly_price (monthly_price_id),
	UNIQUE KEY yearly_price (yearly_price_id),
	CHECK ((monthly_price_id IS NULL) = (monthly_amount IS NULL)),
	CHECK ((yearly_price_id IS NULL) = (yearly_amount IS NULL))
);

CREATE TABLE plan_quota (
	plan_id BINARY(16) NOT NULL,
	metric VARBINARY(100) NOT NULL,
	included BIGINT NOT NULL CHECK (included >= 0), -- units a cycle
	overage_unit_price BIGINT NULL CHECK (overage_unit_price >= 0), -- micro-units a unit; NULL: no overage, the quota stops
	PRIMARY KEY (plan_id, metric),
	CONSTRAINT plan_quota_plan FOREIGN KEY (plan_id) REFERENCES plan (id)
);

INSERT INTO plan (id, product, name, tier, version, status, currency, monthly_price_id, monthly_amount, yearly_price_id,
	yearly_amount, features, trial_days, created_at) VALUES
	(x'019A0000000000000000000000000001', 'platform', 'Free', 'FREE', 1, 'published', 'AUD',
		'price_platform_free_monthly_1', 0, NULL, NULL,
		'{"members":3,"support":"community","webhooks":false}', 0, '2026-01-01'),
	(x'019A0000000000000000000000000002', 'platform', 'Startup', 'STARTUP', 1, 'published', 'AUD',
		'price_platform_startup_monthly_1', 49000000, 'price_platform_startup_yearly_1', 490000000,
		'{"members":10,"support":"email","webhooks":true}', 14, '2026-01-01'),
	(x'019A0000000000000000000000000003', 'platform', 'Growth', 'GROWTH', 1, 'published', 'AUD',
		'price_platform_growth_monthly_1', 199000000, 'price_platform_growth_yearly_1', 1990000000,
		'{"members":50,"support":"email","webhooks":true}', 14, '2026-01-01'),
	(x'019A0000000000000000000000000004', 'platform', 'Scale', 'SCALE', 1, 'published', 'AUD',
		'price_platform_scale_monthly_1', 799000000, 'price_platform_scale_yearly_1', 7990000000,
		'{"members":250,"support":"priority","webhooks":true}', 0, '2026-01-01'),
	(x'019A0000000000000000000000000005', 'platform', 'Enterprise', 'ENTERPRISE', 1, 'published', 'AUD',
		NULL, NULL, NULL, NULL,
		'{"members":10000,"support":"dedicated","webhooks":true}', 0, '2026-01-01'),
	(x'019A0000000000000000000000000011', 'spaces', 'Free', 'FREE', 1, 'published', 'AUD',
		'price_spaces_free_monthly_1', 0, NULL, NULL,
		'{"private_spaces":false,"spaces":1}', 0, '2026-01-01'),
	(x'019A0000000000000000000000000012', 'spaces', 'Pro', 'PRO', 1, 'published', 'AUD',
		'price_spaces_pro_monthly_1', 19000000, 'price_spaces_pro_yearly_1', 190000000,
		'{"private_spaces":true,"spaces":10}', 14, '2026-01-01'),
	(x'019A0000000000000000000000000013', 'spaces', 'Team', 'TEAM', 1, 'published', 'AUD',
		'price_spaces_team_monthly_1', 39000000, 'price_spaces_team_yearly_1', 390000000,
		'{"private_spaces":true,"spaces":100}', 14, '2026-01-01'),
	(x'019A0000000000000000000000000014', 'spaces', 'Enterprise', 'ENTERPRISE', 1, 'published', 'AUD',
		NULL, NULL, NULL, NULL,
		'{"private_spaces":true,"spaces":10000}', 0, '2026-01-01');

INSERT INTO plan_quota (plan_id, metric, included, overage_unit_price) VALUES
	(x'019A0000000000000000000000000001', 'requests', 10000, NULL),
	(x'019A0000000000000000000000000002', 'requests', 250000, 400),
	(x'019A0000000000000000000000000002', 'prompt_tokens', 5000000, 3),
	(x'019A0000000000000000000000000002', 'completion_tokens', 1000000, 15),
	(x'019A0000000000000000000000000003', 'requests', 2500000, 300),
	(x'019A0000000000000000000000000003', 'prompt_tokens', 50000000, 2),
	(x'019A0000000000000000000000000003', 'completion_tokens', 10000000, 12),
	(x'019A0000000000000000000000000004', 'requests', 25000000, 200),
	(x'019A0000000000000000000000000004', 'prompt_tokens', 500000000, 2),
	(x'019A0000000000000000000000000004', 'completion_tokens', 100000000, 10);
