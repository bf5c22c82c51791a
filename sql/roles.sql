-- The two logins of the workers and what each may do. Run after every migration; running it again changes nothing. Names
-- in braces are filled in from the configuration. A new table gets its lines here; a right that is taken away later gets
-- a REVOKE here.

CREATE USER IF NOT EXISTS {read_login};
ALTER USER {read_login} IDENTIFIED {read_identified};
CREATE USER IF NOT EXISTS {write_login};
ALTER USER {write_login} IDENTIFIED {write_identified};

-- Reading: all but stored replies, passwords, and what only a mail may show.
GRANT SELECT ON {database}.schema_version TO {read_login};
GRANT SELECT ON {database}.credit_price TO {read_login};
GRANT SELECT ON {database}.user TO {read_login};
GRANT SELECT ON {database}.organization TO {read_login};
GRANT SELECT ON {database}.membership TO {read_login};
GRANT SELECT ON {database}.invitation TO {read_login};
GRANT SELECT ON {database}.api_key TO {read_login};
GRANT SELECT ON {database}.book TO {read_login};
GRANT SELECT ON {database}.journal_entry TO {read_login};
GRANT SELECT ON {database}.journal_line TO {read_login};
GRANT SELECT ON {database}.lot TO {read_login};
GRANT SELECT ON {database}.lot_movement TO {read_login};
GRANT SELECT ON {database}.ledger_checkpoint TO {read_login};
GRANT SELECT ON {database}.audit TO {read_login};
GRANT SELECT ON {database}.audit_chain TO {read_login};
GRANT SELECT (id, organization_id, kind, type, entity_type, entity_id, recipient, data, created_at, delivered_at)
	ON {database}.outbox TO {read_login};
GRANT SELECT ON {database}.job TO {read_login};
GRANT SELECT ON {database}.plan TO {read_login};
GRANT SELECT ON {database}.plan_quota TO {read_login};
GRANT SELECT ON {database}.session TO {read_login};
GRANT SELECT ON {database}.session_token TO {read_login};
GRANT SELECT ON {database}.client_token TO {read_login};
GRANT SELECT ON {database}.identity TO {read_login};
GRANT SELECT ON {database}.notification TO {read_login};
GRANT SELECT ON {database}.orders TO {read_login};
GRANT SELECT ON {database}.tax_rate TO {read_login};
GRANT SELECT ON {database}.payment_customer TO {read_login};
GRANT SELECT ON {database}.payment_method TO {read_login};
GRANT SELECT ON {database}.approval TO {read_login};
GRANT SELECT ON {database}.payment TO {read_login};
GRANT SELECT ON {database}.auto_topup TO {read_login};
GRANT SELECT ON {database}.payment_refund TO {read_login};
GRANT SELECT ON {database}.payment_dispute TO {read_login};
GRANT SELECT ON {database}.sandbox_intent TO {read_login};
GRANT SELECT ON {database}.sandbox_refund TO {read_login};
GRANT SELECT ON {database}.subscription TO {read_login};
GRANT SELECT ON {database}.usage_cycle TO {read_login};
GRANT SELECT ON {database}.usage_metric TO {read_login};
GRANT SELECT ON {database}.usage_counter TO {read_login};
GRANT SELECT ON {database}.usage_day TO {read_login};
GRANT SELECT ON {database}.usage_distinct TO {read_login};
GRANT SELECT ON {database}.usage_hold TO {read_login};
GRANT SELECT (id, organization_id, event_type, endpoint_url, filter_config, description, status, pause_reason, created_at,
	updated_at, old_secret_until) ON {database}.event_subscription TO {read_login};
GRANT SELECT ON {database}.event_delivery TO {read_login};
GRANT SELECT ON {database}.event_attempt TO {read_login};
GRANT SELECT (organization_id, kind, login, token_end, endpoint, failures, last_error, last_pushed_at, updated_at)
	ON {database}.integration TO {read_login};

-- Writing. Ledger, lots and books change by their procedures only; audit rows are left and never touched again; a claim
-- is closed by `finish` only.
GRANT SELECT ON {database}.* TO {write_login};
GRANT INSERT, UPDATE ON {database}.user TO {write_login};
GRANT INSERT, UPDATE ON {database}.organization TO {write_login};
GRANT INSERT, UPDATE, DELETE ON {database}.membership TO {write_login};
GRANT INSERT, UPDATE ON {database}.invitation TO {write_login};
GRANT INSERT, UPDATE ON {database}.api_key TO {write_login};
GRANT INSERT, DELETE ON {database}.idempotency TO {write_login};
GRANT INSERT ON {database}.audit TO {write_login};
GRANT INSERT ON {database}.audit_chain TO {write_login};
GRANT INSERT, UPDATE ON {database}.outbox TO {write_login};
GRANT INSERT, UPDATE ON {database}.job TO {write_login};
GRANT INSERT, UPDATE, DELETE ON {database}.password TO {write_login};
GRANT INSERT, UPDATE, DELETE ON {database}.session TO {write_login};
GRANT INSERT, UPDATE, DELETE ON {database}.session_token TO {write_login};
GRANT INSERT, UPDATE, DELETE ON {database}.client_token TO {write_login};
GRANT INSERT, UPDATE, DELETE ON {database}.sign_in_subject TO {write_login};
GRANT INSERT, DELETE ON {database}.sign_in_failure TO {write_login};
GRANT INSERT, DELETE ON {database}.password_reset_request TO {write_login};
GRANT INSERT, UPDATE, DELETE ON {database}.password_reset TO {write_login};
GRANT INSERT, DELETE ON {database}.identity TO {write_login};
GRANT UPDATE, DELETE ON {database}.notification TO {write_login};
GRANT INSERT, UPDATE ON {database}.orders TO {write_login};
GRANT INSERT, UPDATE ON {database}.payment_customer TO {write_login};
GRANT INSERT, UPDATE ON {database}.payment_method TO {write_login};
GRANT INSERT, UPDATE ON {database}.approval TO {write_login};
GRANT INSERT, UPDATE ON {database}.payment TO {write_login};
GRANT INSERT, UPDATE ON {database}.auto_topup TO {write_login};
GRANT INSERT, UPDATE ON {database}.payment_refund TO {write_login};
GRANT INSERT, UPDATE ON {database}.payment_dispute TO {write_login};
GRANT INSERT, DELETE ON {database}.provider_event TO {write_login};
GRANT INSERT ON {database}.sandbox_customer TO {write_login};
GRANT INSERT ON {database}.sandbox_setup TO {write_login};
GRANT INSERT, UPDATE ON {database}.sandbox_card TO {write_login};
GRANT INSERT, UPDATE ON {database}.sandbox_intent TO {write_login};
GRANT INSERT ON {database}.sandbox_confirmation TO {write_login};
GRANT INSERT ON {database}.sandbox_refund TO {write_login};
GRANT INSERT, UPDATE ON {database}.plan TO {write_login};
GRANT INSERT ON {database}.plan_quota TO {write_login};
GRANT INSERT, UPDATE ON {database}.subscription TO {write_login};
GRANT INSERT, UPDATE ON {database}.usage_cycle TO {write_login};
GRANT INSERT ON {database}.usage_metric TO {write_login};
GRANT INSERT, DELETE ON {database}.usage_event TO {write_login};
GRANT INSERT, UPDATE ON {database}.usage_counter TO {write_login};
GRANT INSERT, UPDATE ON {database}.usage_day TO {write_login};
GRANT INSERT, DELETE ON {database}.usage_distinct TO {write_login};
GRANT INSERT, UPDATE ON {database}.usage_hold TO {write_login};
GRANT INSERT, UPDATE ON {database}.event_subscription TO {write_login};
GRANT INSERT, UPDATE, DELETE ON {database}.event_delivery TO {write_login};
GRANT INSERT, DELETE ON {database}.event_attempt TO {write_login};
GRANT INSERT, UPDATE, DELETE ON {database}.integration TO {write_login};

GRANT EXECUTE ON PROCEDURE {database}.finish TO {write_login};
GRANT EXECUTE ON PROCEDURE {database}.claim_answer TO {write_login};
GRANT EXECUTE ON PROCEDURE {database}.claim_wait TO {write_login};
GRANT EXECUTE ON PROCEDURE {database}.order_create TO {write_login};
GRANT EXECUTE ON PROCEDURE {database}.ledger_post TO {write_login};
GRANT EXECUTE ON PROCEDURE {database}.ledger_expire TO {write_login};
GRANT EXECUTE ON PROCEDURE {database}.book_open TO {write_login};
GRANT EXECUTE ON PROCEDURE {database}.book_set_limits TO {write_login};
GRANT EXECUTE ON PROCEDURE {database}.book_tell_hard TO {write_login};
GRANT EXECUTE ON PROCEDURE {database}.book_set_low_threshold TO {write_login};
GRANT EXECUTE ON PROCEDURE {database}.book_set_auto_topup TO {write_login};
GRANT EXECUTE ON PROCEDURE {database}.book_set_post_pay TO {write_login};
GRANT EXECUTE ON PROCEDURE {database}.book_set_currency TO {write_login};
GRANT EXECUTE ON PROCEDURE {database}.ledger_keep_checkpoint TO {write_login};
