/*
 * Outgoing mail by libcurl: one easy handle, whose connection stays until smtp_close. Of an exchange that failed
 * libcurl tells an error and the last status alone; what the status was an answer to is known from the commands that
 * went out.
 */
#include "smtp.h"

#include <curl/curl.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "clock.h"
#include "config.h"
#include "log.h"
#include "runner.h"
#include "text.h"

enum {
	ANSWER_SECONDS = 30, /* for each, until the content is asked for */
	ENVELOPE_SECONDS = 90,
	CONTENT_SECONDS = 600, /* from then on, as RFC 5321 has it (4.5.3.2.6): whoever asks again sooner sends twice */
	CONNECT_MILLISECONDS = 10000,
	ENDING_MICROSECONDS = 2000000,
	WORDS_MOST = 300
};

static CURL *handle;

struct exchange {
	struct text rest;                                    /* of the content, still to be sent */
	enum { GREETING, SENDER, RECIPIENT, CONTENT } asked; /* what the last status answers */
	char words[WORDS_MOST + 1];                          /* of the server's last refusal */
	int64_t told_to_end_at;                              /* by the monotonic clock; 0: was not */
};

/* ---- libcurl's callbacks ---------------------------------------------------------------------------------------- */

static size_t
on_read(char *into, size_t size, size_t count, void *context)
{
	struct exchange *exchange = context;
	size_t room = size * count;
	size_t length = exchange->rest.length < room ? exchange->rest.length : room;

	memcpy(into, exchange->rest.at, length);
	exchange->rest.at += length;
	exchange->rest.length -= length;
	return length;
}

static bool
begins(const char *at, size_t length, const char *command)
{
	return length >= strlen(command) && memcmp(at, command, strlen(command)) == 0;
}

/* Of refusals alone: libcurl takes leave after one, and that is answered too. Whatever is not printable ASCII, or would
 * not fit, is left out. */
static void
keep_words(struct exchange *exchange, const char *at, size_t length)
{
	size_t kept = 0;

	if (length == 0 || (at[0] != '4' && at[0] != '5'))
		return;
	for (size_t i = 0; i < length && kept < WORDS_MOST; i++)
		if (at[i] >= ' ' && at[i] <= '~')
			exchange->words[kept++] = at[i];
	exchange->words[kept] = '\0';
}

/* What has begun goes on by this, too. */
static void
set_patience(CURL *curl, long answer_seconds, long whole_seconds)
{
	curl_easy_setopt(curl, CURLOPT_SERVER_RESPONSE_TIMEOUT, answer_seconds);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, whole_seconds * 1000);
}

/* Looks at commands by their first word alone: behind AUTH stands the password. */
static int
on_line(CURL *curl, curl_infotype type, char *at, size_t length, void *context)
{
	struct exchange *exchange = context;

	if (type == CURLINFO_HEADER_IN)
		keep_words(exchange, at, length);
	if (type != CURLINFO_HEADER_OUT)
		return 0;
	if (begins(at, length, "MAIL ")) {
		exchange->asked = SENDER;
	} else if (begins(at, length, "RCPT ")) {
		exchange->asked = RECIPIENT;
	} else if (begins(at, length, "DATA")) {
		exchange->asked = CONTENT;
		set_patience(curl, CONTENT_SECONDS, ENVELOPE_SECONDS + CONTENT_SECONDS);
	}
	return 0;
}

/* A process that is told to end waits a moment for what is under way. */
static int
on_progress(void *context, curl_off_t to_come, curl_off_t came, curl_off_t to_go, curl_off_t went)
{
	struct exchange *exchange = context;
	int64_t now = clock_monotonic_microseconds();

	(void)to_come;
	(void)came;
	(void)to_go;
	(void)went;
	if (!job_is_stopping())
		return 0;
	if (exchange->told_to_end_at == 0)
		exchange->told_to_end_at = now;
	return now - exchange->told_to_end_at > ENDING_MICROSECONDS;
}

/* One more CA beside the system's. */
static CURLcode
on_tls(CURL *curl, void *context, void *unused)
{
	(void)curl;
	(void)unused;
	return SSL_CTX_load_verify_locations(context, config.smtp_ca, NULL) == 1 ? CURLE_OK : CURLE_SSL_CACERT_BADFILE;
}

/* ---- one mail --------------------------------------------------------------------------------------------------- */

static void
out_of_memory(void)
{
	log_error("libcurl has no memory");
	exit(EXIT_FAILURE);
}

static void
open_handle(void)
{
	if (handle == NULL && curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK)
		handle = curl_easy_init();
	if (handle == NULL)
		out_of_memory();
	curl_easy_reset(handle);
}

/* A connection that owes an answer carries nothing more, and libcurl would wait for minutes while it takes leave. */
static void
break_off(void)
{
	curl_socket_t connection;

	if (curl_easy_getinfo(handle, CURLINFO_ACTIVESOCKET, &connection) == CURLE_OK && connection != CURL_SOCKET_BAD)
		shutdown(connection, SHUT_RDWR);
}

void
smtp_close(void)
{
	if (handle == NULL)
		return;
	if (job_is_stopping())
		break_off();
	curl_easy_cleanup(handle);
	curl_global_cleanup();
	handle = NULL;
}

/* With STARTTLS not asked for it is taken where it is offered. */
static void
set_server(void)
{
	curl_easy_setopt(handle, CURLOPT_URL, config.smtp_url);
	curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	curl_easy_setopt(handle, CURLOPT_PROXY, "");
	curl_easy_setopt(handle, CURLOPT_USE_SSL, config.smtp_starttls ? (long)CURLUSESSL_ALL : (long)CURLUSESSL_TRY);
	curl_easy_setopt(handle, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(handle, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(handle, CURLOPT_SSL_VERIFYHOST, 2L);
	if (config.smtp_ca[0] != '\0')
		curl_easy_setopt(handle, CURLOPT_SSL_CTX_FUNCTION, on_tls);
	if (config.smtp_user[0] != '\0') {
		curl_easy_setopt(handle, CURLOPT_USERNAME, config.smtp_user);
		curl_easy_setopt(handle, CURLOPT_PASSWORD, config.smtp_password);
	}
}

static void
set_watch(void)
{
	set_patience(handle, ANSWER_SECONDS, ENVELOPE_SECONDS);
	curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MILLISECONDS);
	curl_easy_setopt(handle, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, on_progress);
}

static void
set_mail(const struct smtp_mail *mail, const struct curl_slist *recipients, struct exchange *exchange)
{
	curl_easy_setopt(handle, CURLOPT_MAIL_FROM, mail->sender.at);
	curl_easy_setopt(handle, CURLOPT_MAIL_RCPT, recipients);
	curl_easy_setopt(handle, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(handle, CURLOPT_READFUNCTION, on_read);
	curl_easy_setopt(handle, CURLOPT_READDATA, exchange);
	curl_easy_setopt(handle, CURLOPT_VERBOSE, 1L); /* or on_line is not called */
	curl_easy_setopt(handle, CURLOPT_DEBUGFUNCTION, on_line);
	curl_easy_setopt(handle, CURLOPT_DEBUGDATA, exchange);
	curl_easy_setopt(handle, CURLOPT_XFERINFODATA, exchange);
}

static struct text
words_of(struct call *call, const struct exchange *exchange, long status, CURLcode code)
{
	if (status >= 400 && exchange->words[0] != '\0')
		return arena_format(call->arena, "%s", exchange->words);
	return arena_format(call->arena, "%s", curl_easy_strerror(code));
}

/* A refused sender, or sign-in, is our settings' fault: who mends them wants the mails to go out then. 421 is the
 * server taking leave. What breaks off behind the sender may be this mail's doing. */
static enum smtp_outcome
outcome_of(const struct exchange *exchange, CURLcode code, long status)
{
	if (code == CURLE_OK)
		return SMTP_TAKEN;
	if (status == 421 || exchange->asked < RECIPIENT || code == CURLE_ABORTED_BY_CALLBACK)
		return SMTP_UNREACHABLE;
	return status >= 500 ? SMTP_REFUSED : SMTP_LATER;
}

/* Answers whether the connection was one that had carried a mail before, and this one's content was not asked for. */
static bool
send_once(
    struct call *call, const struct smtp_mail *mail, const struct curl_slist *recipients, struct smtp_reply *reply)
{
	struct exchange exchange = { .rest = mail->content };
	long status = 0, connections = 0;
	CURLcode code;

	open_handle();
	set_server();
	set_watch();
	set_mail(mail, recipients, &exchange);
	code = curl_easy_perform(handle);
	if (code == CURLE_OPERATION_TIMEDOUT || code == CURLE_ABORTED_BY_CALLBACK)
		break_off();
	curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(handle, CURLINFO_NUM_CONNECTS, &connections);
	reply->outcome = outcome_of(&exchange, code, status);
	reply->why = reply->outcome == SMTP_TAKEN ? TEXT("") : words_of(call, &exchange, status, code);
	/* What points into this function's memory must not stay. */
	curl_easy_reset(handle);
	return connections == 0 && exchange.asked < CONTENT;
}

/* A server may end a connection after so many mails, or so long a time: the next mail gets one of its own. */
const struct problem *
smtp_send(struct call *call, const struct smtp_mail *mail, struct smtp_reply *reply)
{
	struct curl_slist *recipients;

	if (call->in_transaction)
		return fail_internal(call, "a mail is sent within a transaction");
	recipients = curl_slist_append(NULL, mail->recipient.at);
	if (recipients == NULL)
		out_of_memory();
	if (send_once(call, mail, recipients, reply) && reply->outcome == SMTP_UNREACHABLE && !job_is_stopping())
		send_once(call, mail, recipients, reply);
	curl_slist_free_all(recipients);
	return NULL;
}
