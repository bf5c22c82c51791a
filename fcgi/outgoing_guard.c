/*
 * The guard of outgoing calls: what is not surely somebody else's public address is refused. The ranges are those of
 * the IANA registries of special-purpose addresses; of IPv6 only what is handed out for the public Internet passes, so
 * that no form of an IPv4 address within one (mapped, NAT64, 6to4, Teredo) is a way around.
 */
#include "outgoing_guard.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <resolv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include "config.h"
#include "outgoing.h"
#include "text.h"

enum { URL_MOST = 2000, HOST_MOST = 255, LOOKUP_SECONDS = 2, PORT_DIGITS = 5 };

struct range {
	unsigned char begins[16];
	unsigned bits;
};

static const struct range private_4[] = {
	{ { 0 }, 8 },
	{ { 10 }, 8 },
	{ { 100, 64 }, 10 },
	{ { 127 }, 8 },
	{ { 169, 254 }, 16 },
	{ { 172, 16 }, 12 },
	{ { 192, 0, 0 }, 24 },
	{ { 192, 0, 2 }, 24 },
	{ { 192, 88, 99 }, 24 },
	{ { 192, 168 }, 16 },
	{ { 198, 18 }, 15 },
	{ { 198, 51, 100 }, 24 },
	{ { 203, 0, 113 }, 24 },
	{ { 224 }, 4 },
	{ { 240 }, 4 },
};

static const struct range public_6 = { { 0x20 }, 3 };
static const struct range private_6[] = {
	{ { 0x20, 0x01 }, 23 },
	{ { 0x20, 0x01, 0x0d, 0xb8 }, 32 },
	{ { 0x20, 0x02 }, 16 },
	{ { 0x3f, 0xff }, 20 },
};

static bool
is_within(const unsigned char *address, const struct range *range)
{
	for (unsigned bit = 0; bit < range->bits; bit++)
		if (((address[bit / 8] ^ range->begins[bit / 8]) & (0x80U >> bit % 8)) != 0)
			return false;
	return true;
}

static bool
is_within_any(const unsigned char *address, const struct range *ranges, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (is_within(address, &ranges[i]))
			return true;
	return false;
}

static bool
is_public(const struct sockaddr *address)
{
	unsigned char bytes[16];

	if (address->sa_family == AF_INET) {
		memcpy(bytes, (const char *)address + offsetof(struct sockaddr_in, sin_addr), 4);
		return !is_within_any(bytes, private_4, COUNT(private_4));
	}
	if (address->sa_family != AF_INET6)
		return false;
	memcpy(bytes, (const char *)address + offsetof(struct sockaddr_in6, sin6_addr), sizeof(bytes));
	return is_within(bytes, &public_6) && !is_within_any(bytes, private_6, COUNT(private_6));
}

/* "127.0.0.1:8443" or "[::1]:8443", as the setting writes them. */
static void
name_address(const struct sockaddr *address, char out[static INET6_ADDRSTRLEN + PORT_DIGITS + 4])
{
	char host[INET6_ADDRSTRLEN] = "";
	in_port_t port;
	bool is_6 = address->sa_family == AF_INET6;

	inet_ntop(address->sa_family,
	    (const char *)address +
		(is_6 ? offsetof(struct sockaddr_in6, sin6_addr) : offsetof(struct sockaddr_in, sin_addr)),
	    host, sizeof(host));
	memcpy(&port,
	    (const char *)address +
		(is_6 ? offsetof(struct sockaddr_in6, sin6_port) : offsetof(struct sockaddr_in, sin_port)),
	    sizeof(port));
	snprintf(out, INET6_ADDRSTRLEN + PORT_DIGITS + 4, is_6 ? "[%s]:%u" : "%s:%u", host, (unsigned)ntohs(port));
}

static bool
is_exempt(const struct sockaddr *address)
{
	char name[INET6_ADDRSTRLEN + PORT_DIGITS + 4];
	size_t length;

	if (address->sa_family != AF_INET && address->sa_family != AF_INET6)
		return false;
	name_address(address, name);
	length = strlen(name);
	for (const char *at = config.outgoing_allow; *at != '\0';) {
		size_t item = strcspn(at, ",");

		if (item == length && memcmp(at, name, length) == 0)
			return true;
		at += item + (at[item] == ',');
	}
	return false;
}

enum guard
outgoing_guard(const struct sockaddr *address)
{
	if (is_exempt(address))
		return GUARD_EXEMPT;
	return is_public(address) ? GUARD_PUBLIC : GUARD_REFUSED;
}

/* ---- a URL before anything is sent ------------------------------------------------------------------------------ */

struct parts {
	char *scheme, *user, *password, *host, *port, *fragment;
};

static const char not_public[] = "The endpoint's address is not a public one.";
static const char not_https[] = "The endpoint has to be reached by https.";

/* Of what the name stands for now. */
static const char *
check_addresses(const struct addrinfo *found, bool is_https)
{
	for (const struct addrinfo *each = found; each != NULL; each = each->ai_next) {
		enum guard guard = outgoing_guard(each->ai_addr);

		if (guard == GUARD_REFUSED)
			return not_public;
		if (guard == GUARD_PUBLIC && !is_https)
			return not_https;
	}
	return NULL;
}

/* A name server that says nothing must not keep us for long. */
static const char *
check_host(const struct parts *parts, bool is_https)
{
	const struct addrinfo wanted = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM };
	size_t length = strlen(parts->host);
	char host[HOST_MOST + 1];
	struct addrinfo *found = NULL;
	const char *fault;

	if (parts->host[0] == '[')
		snprintf(host, sizeof(host), "%.*s", (int)length - 2, parts->host + 1);
	else
		snprintf(host, sizeof(host), "%.*s", (int)(length - (parts->host[length - 1] == '.')), parts->host);
	if (res_init() == 0) {
		_res.retrans = LOOKUP_SECONDS;
		_res.retry = 1;
	}
	if (getaddrinfo(host, parts->port, &wanted, &found) != 0)
		return is_https ? NULL : not_https;
	fault = check_addresses(found, is_https);
	freeaddrinfo(found);
	return fault;
}

/* The library writes schemes in lower case. */
static bool
is_https(const struct parts *parts)
{
	return parts->scheme != NULL && strcmp(parts->scheme, "https") == 0;
}

static const char *
check_parts(const struct parts *parts)
{
	if (!is_https(parts) && (parts->scheme == NULL || strcmp(parts->scheme, "http") != 0))
		return not_https;
	if (parts->host == NULL || parts->host[0] == '\0' || strlen(parts->host) > HOST_MOST)
		return "The endpoint has no host.";
	if (parts->user != NULL || parts->password != NULL)
		return "The endpoint may not hold a name or a password.";
	if (parts->fragment != NULL)
		return "The endpoint may not have a fragment (`#`).";
	if (parts->port == NULL || strcmp(parts->port, "0") == 0)
		return "The endpoint has no port.";
	return check_host(parts, is_https(parts));
}

static char *
take_part(CURLU *handle, CURLUPart part, unsigned flags)
{
	char *value = NULL;

	return curl_url_get(handle, part, &value, flags) == CURLUE_OK ? value : NULL;
}

static bool
is_plain(struct text url)
{
	for (size_t i = 0; i < url.length; i++)
		if (url.at[i] <= ' ' || url.at[i] > '~' || url.at[i] == '\\')
			return false;
	return url.length > 0;
}

/* Parsed by the same library that will call it, so that both mean the same host; it also writes odd forms of IPv4
 * addresses (0x7f.1, 2130706433) as what they are. */
static struct parts
take_parts(CURLU *handle)
{
	return (struct parts){ .scheme = take_part(handle, CURLUPART_SCHEME, 0),
		.user = take_part(handle, CURLUPART_USER, 0),
		.password = take_part(handle, CURLUPART_PASSWORD, 0),
		.host = take_part(handle, CURLUPART_HOST, 0),
		.port = take_part(handle, CURLUPART_PORT, CURLU_DEFAULT_PORT),
		.fragment = take_part(handle, CURLUPART_FRAGMENT, 0) };
}

static void
free_parts(struct parts *parts)
{
	curl_free(parts->scheme);
	curl_free(parts->user);
	curl_free(parts->password);
	curl_free(parts->host);
	curl_free(parts->port);
	curl_free(parts->fragment);
}

/* As it is counted. */
static void
name_host(const struct parts *parts, struct outgoing_host *host)
{
	snprintf(host->name, sizeof(host->name), "%s:%s", parts->host != NULL ? parts->host : "", parts->port);
	for (size_t i = 0; host->name[i] != '\0'; i++)
		if (host->name[i] >= 'A' && host->name[i] <= 'Z')
			host->name[i] = (char)(host->name[i] - 'A' + 'a');
}

void
outgoing_host_of(const char *url, struct outgoing_host *host)
{
	struct parts parts = { 0 };
	CURLU *handle = curl_url();

	*host = (struct outgoing_host){ .is_https = false };
	if (handle != NULL && curl_url_set(handle, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK) {
		parts = take_parts(handle);
		host->is_https = is_https(&parts);
		if (parts.host != NULL && strlen(parts.host) <= HOST_MOST && parts.port != NULL)
			name_host(&parts, host);
	}
	free_parts(&parts);
	curl_url_cleanup(handle);
}

const char *
outgoing_check_url(struct call *call, struct text url, struct text *host)
{
	const char *fault = "The endpoint is not a URL of at most 2000 visible ASCII characters.";
	struct parts parts = { 0 };
	CURLU *handle;

	if (url.length > URL_MOST || !is_plain(url))
		return fault;
	handle = curl_url();
	if (handle != NULL && curl_url_set(handle, CURLUPART_URL, url.at, CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK) {
		parts = take_parts(handle);
		fault = check_parts(&parts);
		if (fault == NULL && host != NULL) {
			struct outgoing_host named = { .is_https = false };

			name_host(&parts, &named);
			*host = arena_text(call->arena, named.name, strlen(named.name));
		}
	}
	free_parts(&parts);
	curl_url_cleanup(handle);
	return fault;
}
