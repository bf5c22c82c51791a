/*
 * Checks of texts: addresses, countries, zones, the Australian business number.
 */
#include "formats.h"

#include <string.h>

#include "clock.h"
#include "text.h"

enum { ADDRESS_BYTES = 254 }; /* RFC 5321, 4.5.3.1.3, without the brackets */

const char *const organization_currencies[] = { "AUD", "SGD", "GBP", "NZD", "USD", NULL };

/* ISO 3166-1 alpha-2, the officially assigned codes. */
static const char countries[] = "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN "
				"BO BQ BR BS BT BV BW BY BZ CA CC "
				"CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER "
				"ES ET FI FJ FK FM FO FR GA GB GD "
				"GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO "
				"IQ IR IS IT JE JM JO JP KE KG KH "
				"KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML "
				"MM MN MO MP MQ MR MS MT MU MV MW "
				"MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT "
				"PW PY QA RE RO RS RU RW SA SB SC "
				"SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN "
				"TO TR TT TV TW TZ UA UG UM US UY "
				"UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW ";

/* C0 and C1 controls, line and paragraph separators, and what turns the direction of writing: a terminal or a mail
 * would obey them. */
static bool
has_controls(struct text value)
{
	const unsigned char *at = (const unsigned char *)value.at;

	for (size_t i = 0; i < value.length; i++) {
		if (at[i] < 0x20 || at[i] == 0x7f || (at[i] == 0xC2 && at[i + 1] < 0xA0))
			return true;
		if (at[i] == 0xE2 && at[i + 1] == 0x80 && at[i + 2] >= 0xA8 && at[i + 2] <= 0xAE)
			return true;
		if (at[i] == 0xE2 && at[i + 1] == 0x81 && at[i + 2] >= 0xA6 && at[i + 2] <= 0xA9)
			return true;
	}
	return false;
}

static const char *
check_plain(struct text value)
{
	if (has_controls(value))
		return "Control characters are not allowed.";
	return text_trim(value).length == value.length ? NULL : "Blanks at the beginning or end are not allowed.";
}

/* The shape of an address, not whether it exists: one @, a dot behind it, nothing that could end a mail header. */
static const char *
check_email(struct text value)
{
	static const char fault[] = "This is not an e-mail address.";
	const char *at = strchr(value.at, '@');

	if (at == NULL || at == value.at || strchr(at + 1, '@') != NULL || strchr(at, '.') == NULL)
		return fault;
	if (has_controls(value))
		return fault;
	for (size_t i = 0; i < value.length; i++)
		if (value.at[i] == ' ' || strchr("<>()[],;:\\\"\x7f", value.at[i]) != NULL)
			return fault;
	if (at[1] == '.' || strstr(at, "..") != NULL || value.at[value.length - 1] == '.')
		return fault;
	if (value.length > ADDRESS_BYTES)
		return "An address has at most 254 bytes.";
	return NULL;
}

static const char *
check_url(struct text value)
{
	const char *host = text_starts(value, "https://")  ? value.at + 8
			   : text_starts(value, "http://") ? value.at + 7
							   : NULL;

	if (host == NULL || *host == '\0' || *host == '/')
		return "Write an address that begins with https:// or http://.";
	for (size_t i = 0; i < value.length; i++)
		if ((unsigned char)value.at[i] <= ' ' || (unsigned char)value.at[i] >= 0x7f ||
		    strchr("<>\"\\^`{|}", value.at[i]) != NULL)
			return "The address holds a character that no address has; write others as %XX, and a host's "
			       "name in"
			       " its ASCII form.";
	return NULL;
}

static const char *
check_country(struct text value)
{
	const char *found = value.length == 2 ? strstr(countries, value.at) : NULL;

	while (found != NULL && (found - countries) % 3 != 0)
		found = strstr(found + 1, value.at);
	return found != NULL ? NULL : "This is not a country code of ISO 3166-1 alpha-2.";
}

static const char *
check_timezone(struct text value)
{
	return zone_exists(value) ? NULL : "This is not a time zone of the IANA database.";
}

/* Australian Business Register: subtract 1 from the first digit, weigh, and the sum is a multiple of 89. */
static const char *
check_abn(struct text value)
{
	static const int weights[] = { 10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19 };
	int sum = 0;

	if (value.length != COUNT(weights) || strspn(value.at, "0123456789") != COUNT(weights) || value.at[0] == '0')
		return "An ABN has 11 digits, without blanks.";
	for (size_t i = 0; i < COUNT(weights); i++)
		sum += (value.at[i] - '0' - (i == 0)) * weights[i];
	return sum % 89 == 0 ? NULL : "The check digits of this ABN are wrong.";
}

const struct format email_format = { .name = "email", .check = check_email };
const struct format url_format = { .name = "uri", .check = check_url };
const struct format country_format = { .pattern = "^[A-Z]{2}$", .check = check_country };
const struct format timezone_format = { .check = check_timezone };
const struct format abn_format = { .pattern = "^[1-9][0-9]{10}$", .check = check_abn };
const struct format plain_format = { .check = check_plain };
