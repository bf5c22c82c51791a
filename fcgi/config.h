/*
 * The configuration: one file of `key = value` lines, and `PURSER_KEY` in the environment over it. Every setting is a row
 * of one table in config.c, with its standard value and its limits; `purserctl check-config` names all faults at once.
 */
#ifndef PURSER_CONFIG_H
#define PURSER_CONFIG_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct config {
	const char *listen;            /* fast pool: unix:/path or tcp:address:port; "inherit": descriptor 0 */
	const char *listen_slow;       /* slow pool, likewise; "" : none */
	int64_t workers;               /* fast workers */
	int64_t slow_workers;
	const char *socket_group;      /* group of the unix sockets, so that nginx may connect; "" : the user's own */
	const char *user;              /* whom to become when started as root; "" : stay */
	const char *pid_file;          /* "" : none */
	const char *log_file;          /* "" : standard error */
	const char *database_hosts;    /* comma-separated: /path/to/socket or host:port, in order of preference */
	const char *database_name;
	const char *database_read_user, *database_read_password;
	const char *database_write_user, *database_write_password;
	const char *database_owner_user, *database_owner_password; /* migrations only */
	int64_t database_connect_seconds;
	int64_t database_statement_seconds; /* the longest a statement may run */
	const char *secret_file;       /* sealing and signing keys, see seal.h */
	const char *api_key_prefix;    /* gpra_ */
	int64_t session_seconds;       /* how long an access token of a session lives */
	int64_t refresh_days;          /* how long a refresh token can be used */
	const char *jwt_issuer;        /* of the outside identity provider; "" : none */
	const char *jwt_audience;      /* what its tokens have to be meant for */
	const char *jwt_jwks_file;     /* its keys */
	const char *public_url;        /* https://api.example.com, without a slash at the end */
	const char *cors_origins;      /* comma-separated; "" : none */
	const char *test_clock_file;   /* the offset file; used only with test_clock */
	bool test_clock;
	int64_t rate_default, rate_charge, rate_orders, rate_usage; /* a minute and organization */
	int64_t rate_address;          /* a minute and client address, without or with a refused token */
	int64_t rate_slots;            /* how many windows the node's shared table holds */
	int64_t body_limit_bytes;
	int64_t stream_limit_bytes;    /* of a body of many items */
	const char *spool_directory;   /* where such bodies wait, unlinked */
	int64_t memory_limit_bytes;    /* one request's arena */
	int64_t request_timeout_seconds;
	int64_t key_use_flush_seconds; /* how often the noted uses of API keys are written */
	int64_t free_tier_credits;
	int64_t approval_threshold_credits; /* the platform's standard */
	int64_t event_days;            /* how long events are kept to be listed */
	int64_t hold_days;             /* how long an order's reservation is held */
	const char *provider;          /* of cards: sandbox or stripe */
	const char *stripe_url, *stripe_key;
	const char *stripe_webhook_secrets; /* comma-separated; the newest first */
	const char *smtp_url;          /* smtp://host:port or smtps://host:port; "" : mails are logged as such */
	const char *smtp_user, *smtp_password;
	const char *smtp_ca;           /* a file with one more CA; "" : none */
	bool smtp_starttls;            /* of smtp://: refuse to go on without it */
	const char *mail_from;         /* the address that mails come from */
	const char *issuer_name;       /* who issues invoices, as they are printed */
	const char *issuer_address;    /* its lines, with semicolons between */
	const char *issuer_tax_number;
	const char *invoice_prefix, *credit_note_prefix; /* of their numbers */
	int64_t invoice_due_days;      /* how long an invoice may be paid */
	int64_t invoice_lines_limit;   /* one with more is not issued by itself */
	int64_t invoice_total_limit;   /* in whole units of its currency: a larger one is not issued by itself */
	const char *outgoing_allow;    /* address:port, comma-separated: exempt from the rules for customers' addresses */
	const char *outgoing_ca;       /* a file with one more CA for those; "" : none */
	const char *pdf_font, *pdf_font_bold; /* TrueType files that documents are set in */
	const char *pdf_fallback_fonts; /* comma-separated: for characters that they lack */
	int64_t pdf_seconds;           /* how long a document may take to be drawn */
	const char *snapshot_source;   /* of balances: ledger, or the URL of a provider, with {organization_id} in it */
	const char *snapshot_token;    /* what that provider is shown; "" : nothing */
};

/* The process's settings. Valid after config_load answered 0 faults; strings live for ever. */
extern struct config config;

#define CONFIG_STANDARD_FILE "/etc/purser/purser.conf"

/* The file to load where none is named: $PURSER_CONFIG, else the standard one if it exists, else NULL. */
const char *config_standard_file(void);

/* Loads standard values, then the file (NULL or "": none), then the environment. Writes a line for every fault to
 * `report` and answers how many there were. Unknown keys in the file are faults; unknown PURSER_* are ignored. */
int config_load(const char *path, FILE *report);

/* Prints every setting with its standard value and meaning, for the manual. */
void config_describe(FILE *out);

#endif
