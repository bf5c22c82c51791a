/*
 * Writes mails in the form of RFC 5322 and MIME. What comes from people (names, subjects) never makes a line of its
 * own: control characters become blanks, and what is not plain ASCII is encoded.
 */
#include "mail_message.h"

#include <inttypes.h>
#include <string.h>

#include "clock.h"
#include "config.h"
#include "id.h"
#include "text.h"

enum {
	LINE_MOST = 76,
	WORD_BYTES = 39, /* of an encoded word: 52 characters of base64, and 12 around them */
	SUBJECT_ROOM = 60,
	HOUR_SECONDS = 3600,
	MINUTE_SECONDS = 60,
	OFFSET_HOURS = 100
};

/* ---- times ------------------------------------------------------------------------------------------------------ */

static const char *const months[] = { "January", "February", "March", "April", "May", "June", "July", "August",
	"September", "October", "November", "December" };

/* Seconds east of Greenwich; 0 where the zone is not known. */
static int64_t
offset_of(struct maybe_text zone, struct instant at)
{
	int64_t seconds = 0;

	if (zone.at == NULL || !zone_offset((struct text){ zone.at, zone.length }, at, &seconds))
		return 0;
	return seconds - seconds % MINUTE_SECONDS;
}

struct text
mail_time(struct call *call, struct maybe_text zone, struct instant at)
{
	int64_t offset = offset_of(zone, at);
	bool is_known = zone.at != NULL && zone_exists((struct text){ zone.at, zone.length });
	struct tm tm;
	int microseconds;

	instant_to_utc(instant_plus_seconds(at, offset), &tm, &microseconds);
	return arena_format(call->arena, "%d %s %d, %02d:%02d (%s)", tm.tm_mday, months[tm.tm_mon], tm.tm_year + 1900,
	    tm.tm_hour, tm.tm_min, is_known ? zone.at : "UTC");
}

static void
add_date(struct buffer *out, struct maybe_text zone, struct instant at)
{
	static const char *const days[] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
	int64_t offset = offset_of(zone, at), ahead = offset < 0 ? -offset : offset;
	struct tm tm;
	int microseconds;

	instant_to_utc(instant_plus_seconds(at, offset), &tm, &microseconds);
	buffer_format(out, "Date: %s, %d %.3s %d %02d:%02d:%02d %c%04" PRId64 "\r\n", days[tm.tm_wday], tm.tm_mday,
	    months[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec, offset < 0 ? '-' : '+',
	    ahead / HOUR_SECONDS * OFFSET_HOURS + ahead % HOUR_SECONDS / MINUTE_SECONDS);
}

/* ---- headers ---------------------------------------------------------------------------------------------------- */

static bool
is_control(char c)
{
	return (unsigned char)c < ' ' || c == 0x7f;
}

/* Not what parts a header, an address list or a route. */
bool
mail_address_is_plain(struct text address)
{
	const char *at = address.length == 0 ? NULL : memchr(address.at, '@', address.length);

	for (size_t i = 0; i < address.length; i++)
		if (is_control(address.at[i]) || strchr(" <>,;:()[]\\\"", address.at[i]) != NULL)
			return false;
	return at != NULL && at > address.at && at < address.at + address.length - 1;
}

static struct text
on_one_line(struct call *call, struct text text)
{
	struct buffer out = buffer_new(call->arena, text.length + 1);

	for (size_t i = 0; i < text.length; i++)
		buffer_add_char(&out, is_control(text.at[i]) ? ' ' : text.at[i]);
	return buffer_text(&out);
}

static bool
is_ascii(struct text text)
{
	for (size_t i = 0; i < text.length; i++)
		if ((unsigned char)text.at[i] > '~')
			return false;
	return true;
}

/* RFC 2047: words of whole characters, each on a line of its own. */
static void
add_encoded(struct buffer *out, struct text text)
{
	for (size_t at = 0; at < text.length;) {
		size_t end = at, step;

		while (end < text.length && (step = utf8_step(text.at + end, text.length - end)) > 0 &&
		       end - at + step <= WORD_BYTES)
			end += step;
		if (end == at)
			break;
		buffer_format(out, "%s=?UTF-8?B?", at == 0 ? "" : "\r\n ");
		buffer_add_text(out, base64_encode(out->arena, (const unsigned char *)text.at + at, end - at));
		buffer_add_string(out, "?=");
		at = end;
	}
}

/* A subject that looks as if it were encoded is, too. */
static void
add_subject(struct buffer *out, struct text subject)
{
	buffer_add_string(out, "Subject: ");
	if (is_ascii(subject) && subject.length <= SUBJECT_ROOM && strstr(subject.at, "=?") == NULL)
		buffer_add_text(out, subject);
	else
		add_encoded(out, subject);
	buffer_add_string(out, "\r\n");
}

/* ---- body ------------------------------------------------------------------------------------------------------- */

/* Quoted-printable (RFC 2045, 6.7); `column` counts what stands in the line already. */
static void
add_quoted(struct buffer *out, const char *line, size_t length)
{
	size_t column = 0;

	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)line[i];
		bool is_plain = c >= ' ' && c <= '~' && c != '=' && !(c == ' ' && i + 1 == length);

		if (column + (is_plain ? 1 : 3) >= LINE_MOST) {
			buffer_add_string(out, "=\r\n");
			column = 0;
		}
		if (is_plain)
			buffer_add_char(out, (char)c);
		else
			buffer_format(out, "=%02X", c);
		column += is_plain ? 1 : 3;
	}
	buffer_add_string(out, "\r\n");
}

static void
add_body(struct buffer *out, struct text body)
{
	for (const char *at = body.at; *at != '\0';) {
		size_t length = strcspn(at, "\n");

		add_quoted(out, at, length);
		at += length + (at[length] == '\n');
	}
}

struct text
mail_message(struct call *call, const struct mail *mail, const struct mail_text *text)
{
	struct buffer out = buffer_new(call->arena, 2 * text->body.length + 1024);
	const char *domain = strrchr(config.mail_from, '@');
	char ulid[ID_CHARACTERS + 1];

	id_format(mail->id, ulid);
	buffer_format(&out, "From: %s\r\nTo: %s\r\n", config.mail_from, text_or(mail->recipient, "").at);
	add_subject(&out, on_one_line(call, text->subject));
	add_date(&out, mail->timezone, mail->created_at);
	buffer_format(&out, "Message-ID: <%s@%s>\r\n", ulid, domain != NULL ? domain + 1 : "localhost");
	buffer_add_string(&out, "Auto-Submitted: auto-generated\r\n"
				"MIME-Version: 1.0\r\n"
				"Content-Type: text/plain; charset=utf-8\r\n"
				"Content-Transfer-Encoding: quoted-printable\r\n"
				"\r\n");
	add_body(&out, text->body);
	return buffer_text(&out);
}
