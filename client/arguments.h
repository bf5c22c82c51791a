/*
 * The words of the command line taken apart: which command, its flags, and the options that every command knows.
 */
#ifndef PURSER_CLIENT_ARGUMENTS_H
#define PURSER_CLIENT_ARGUMENTS_H

#include "arena.h"
#include "command.h"

enum option {
	OPTION_URL,
	OPTION_API_KEY,
	OPTION_CA,
	OPTION_PROFILE,
	OPTION_OUTPUT,
	OPTION_JSON,
	OPTION_LINES,
	OPTION_HEADER,
	OPTION_IDEMPOTENCY_KEY,
	OPTION_EMAIL,
	OPTION_ALL,
	OPTION_YES,
	OPTION_HELP,
	OPTION_COUNT,
};

/* Where an option has a meaning. */
enum place {
	EVERYWHERE = 0,
	WITH_REPLY = 1,      /* prints what the service answers */
	WITH_OPERATION = 2,  /* an operation of the service */
	WITH_LIST = 4,
	WITH_FORMS = 8,
	WITH_RAW = 16,
	WITH_KEY = 32,       /* heeds an idempotency key */
	WITH_SPENDING = 64,
	WITH_LOGIN = 128,
};

struct option_row {
	const char *name;
	const char *value; /* what stands behind it, for the help; NULL: nothing */
	unsigned place;    /* of these one is enough */
	const char *summary;
};
extern const struct option_row option_rows[OPTION_COUNT];

/* A flag of the command, as it was given. */
struct given {
	const struct flag *flag;
	const char *value; /* NULL: a boolean */
	bool truth;
};

struct arguments {
	struct arena *arena;
	const char *path;              /* the words as an id: "billing.approvals.approve", "login", "" */
	const struct command *command; /* NULL: a group, or a command of the program itself */
	const char *local;             /* "login", …; NULL: none */
	const char *operands[4];       /* words behind a local command */
	size_t operand_count;
	const char *options[OPTION_COUNT]; /* as given; "" of those without a value; NULL: not given */
	const char **headers;              /* of OPTION_HEADER, all; ends with NULL */
	size_t header_count;
	struct given *given;
	size_t given_count;
};

/* Gives up where it can't be understood. */
struct arguments *arguments_read(struct arena *arena, int argc, char **argv);

/* What an option has to do with these arguments. */
bool arguments_take_option(const struct arguments *arguments, enum option option);

/* "approval_id" as it is typed: "approval-id". */
const char *typed_name(struct arena *arena, const char *name);
/* Of an id: "billing approvals approve". */
const char *typed_path(struct arena *arena, const char *path);

#endif
