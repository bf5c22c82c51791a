/*
 * Cryptography by OpenSSL. The keys of the file are never used themselves: each purpose (sealing, and every kind of
 * signature) has its own key, derived by HMAC-SHA256 over the purpose's name. Whatever OpenSSL can't do for lack of
 * memory or of a working build ends the process: nothing here may quietly be skipped.
 */
#include "seal.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include "log.h"
#include "text.h"

enum { KEYS_MOST = 16, KEY_ID_MOST = 32, KEY_SIZE = 32, NONCE_SIZE = 12, TAG_SIZE = 16 };

struct key {
	char id[KEY_ID_MOST + 1];
	unsigned char secret[KEY_SIZE];
};

/* In the order of the file: the last one seals. */
static struct key keys[KEYS_MOST];
static size_t key_count;

static void __attribute__((noreturn)) give_up(const char *what)
{
	log_error("OpenSSL could not %s", what);
	exit(EXIT_FAILURE);
}

static bool
key_id_is_valid(const char *id)
{
	size_t length = strspn(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");

	return length > 0 && length <= KEY_ID_MOST && id[length] == '\0';
}

static const char *
read_key(char *line)
{
	char *rest = NULL, *id = strtok_r(line, " \t\r\n", &rest), *digits = strtok_r(NULL, " \t\r\n", &rest);
	struct key *key = &keys[key_count];

	if (id == NULL || *id == '#')
		return NULL;
	if (key_count == KEYS_MOST)
		return "It holds more than 16 keys.";
	if (digits == NULL || strtok_r(NULL, " \t\r\n", &rest) != NULL)
		return "A line is not `<key id> <64 hexadecimal digits>`.";
	if (!key_id_is_valid(id))
		return "A key's id is not 1 to 32 letters, digits or . _ -.";
	if (!hex_decode(text_from(digits), key->secret, KEY_SIZE))
		return "A key is not 64 hexadecimal digits.";
	for (size_t i = 0; i < key_count; i++)
		if (strcmp(keys[i].id, id) == 0)
			return "Two keys have the same id.";
	snprintf(key->id, sizeof(key->id), "%s", id);
	key_count++;
	return NULL;
}

static const char *
read_keys(FILE *file)
{
	const char *fault = NULL;
	char line[256];

	while (fault == NULL && fgets(line, sizeof(line), file) != NULL)
		fault = strchr(line, '\n') == NULL && !feof(file) ? "A line is too long." : read_key(line);
	OPENSSL_cleanse(line, sizeof(line));
	if (fault == NULL && ferror(file))
		fault = "It can't be read.";
	if (fault == NULL && key_count == 0)
		fault = "It holds no key.";
	return fault;
}

const char *
seal_load(const char *path)
{
	FILE *file = fopen(path, "re");
	struct stat status;
	const char *fault;

	key_count = 0;
	if (file == NULL)
		return "The file can't be opened.";
	setvbuf(file, NULL, _IONBF, 0);
	if (fstat(fileno(file), &status) != 0 || !S_ISREG(status.st_mode))
		fault = "It is no regular file.";
	else if ((status.st_mode & (S_IRWXO | S_IWGRP)) != 0)
		fault = "Others may read or change it: its mode must be 0640 or stricter.";
	else
		fault = read_keys(file);
	fclose(file);
	return fault;
}

/* Looked up once: every request makes digests, and the look-up costs more than a short text's digest itself. */
static EVP_MD_CTX *
digest_context(void)
{
	static EVP_MD_CTX *context;
	static EVP_MD *sha256;

	if (context == NULL) {
		sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
		context = EVP_MD_CTX_new();
		if (sha256 == NULL || context == NULL || EVP_DigestInit_ex2(context, sha256, NULL) != 1)
			give_up("make a digest");
	}
	return context;
}

struct digest
digest_of(const void *at, size_t length)
{
	EVP_MD_CTX *context = digest_context();
	struct digest digest;

	/* NULL starts the same digest anew. */
	if (EVP_DigestInit_ex2(context, NULL, NULL) != 1 || EVP_DigestUpdate(context, at, length) != 1 ||
	    EVP_DigestFinal_ex(context, digest.bytes, NULL) != 1)
		give_up("make a digest");
	return digest;
}

bool
equal_in_constant_time(const void *a, const void *b, size_t length)
{
	return CRYPTO_memcmp(a, b, length) == 0;
}

void
random_bytes(void *out, size_t length)
{
	assert(length <= INT32_MAX);
	if (RAND_bytes(out, (int)length) != 1)
		give_up("give random bytes");
}

/* The algorithm, looked up once. */
static EVP_MAC_CTX *
mac_context(void)
{
	static EVP_MAC_CTX *context;
	EVP_MAC *mac;

	if (context == NULL) {
		mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
		context = EVP_MAC_CTX_new(mac);
		EVP_MAC_free(mac);
		if (context == NULL)
			give_up("make an HMAC");
	}
	return context;
}

struct digest
hmac_sha256(struct text key, const struct text *parts, size_t count)
{
	char digest_name[] = "SHA256";
	const OSSL_PARAM settings[] = { OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest_name, 0),
		OSSL_PARAM_construct_end() };
	EVP_MAC_CTX *context = mac_context();
	struct digest mac;
	bool done = EVP_MAC_init(context, (const unsigned char *)key.at, key.length, settings) == 1;

	for (size_t i = 0; i < count && done; i++)
		done = EVP_MAC_update(context, (const unsigned char *)parts[i].at, parts[i].length) == 1;
	if (!done || EVP_MAC_final(context, mac.bytes, NULL, sizeof(mac.bytes)) != 1)
		give_up("make an HMAC");
	return mac;
}

static struct digest
hmac(const unsigned char key[static KEY_SIZE], const void *at, size_t length)
{
	struct digest mac;

	if (HMAC(EVP_sha256(), key, KEY_SIZE, at, length, mac.bytes, NULL) == NULL)
		give_up("make an HMAC");
	return mac;
}

static struct digest
key_for(const struct key *key, const char *purpose)
{
	return hmac(key->secret, purpose, strlen(purpose));
}

bool
sign(const char *purpose, unsigned age, const void *at, size_t length, struct digest *mac)
{
	char named[100];
	struct digest derived;
	int written = snprintf(named, sizeof(named), "sign %s", purpose);

	assert(written > 0 && (size_t)written < sizeof(named));
	if (age >= key_count)
		return false;
	derived = key_for(&keys[key_count - 1 - age], named);
	*mac = hmac(derived.bytes, at, length);
	OPENSSL_cleanse(&derived, sizeof(derived));
	return true;
}

/* A GCM context keyed with the key's sealing key, the context already fed in as associated data. */
static EVP_CIPHER_CTX *
start_cipher(const struct key *key, const unsigned char *nonce, const char *context, int encrypt)
{
	struct digest derived = key_for(key, "seal");
	EVP_CIPHER_CTX *cipher = EVP_CIPHER_CTX_new();
	int fed;

	if (cipher == NULL || EVP_CipherInit_ex(cipher, EVP_aes_256_gcm(), NULL, derived.bytes, nonce, encrypt) != 1 ||
	    EVP_CipherUpdate(cipher, NULL, &fed, (const unsigned char *)context, (int)strlen(context)) != 1)
		give_up("start a cipher");
	OPENSSL_cleanse(&derived, sizeof(derived));
	return cipher;
}

struct bytes
seal(struct arena *arena, struct text plain, const char *context)
{
	const struct key *key = &keys[key_count - 1];
	size_t id_size = strlen(key->id) + 1;
	size_t length = id_size + NONCE_SIZE + TAG_SIZE + plain.length;
	unsigned char *sealed = arena_take(arena, length), *nonce = sealed + id_size;
	unsigned char *tag = nonce + NONCE_SIZE, *out = tag + TAG_SIZE;
	EVP_CIPHER_CTX *cipher;
	int written = 0, rest = 0;

	assert(key_count > 0 && plain.length <= INT32_MAX);
	memcpy(sealed, key->id, id_size);
	random_bytes(nonce, NONCE_SIZE);
	cipher = start_cipher(key, nonce, context, 1);
	if ((plain.length > 0 &&
		EVP_EncryptUpdate(cipher, out, &written, (const unsigned char *)plain.at, (int)plain.length) != 1) ||
	    EVP_EncryptFinal_ex(cipher, out + written, &rest) != 1 ||
	    EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_GCM_GET_TAG, TAG_SIZE, tag) != 1)
		give_up("seal");
	EVP_CIPHER_CTX_free(cipher);
	return (struct bytes){ sealed, length };
}

static const struct key *
find_key(struct bytes sealed, size_t *id_size)
{
	const unsigned char *end = sealed.length == 0 ? NULL : memchr(sealed.at, '\0', sealed.length);

	if (end == NULL)
		return NULL;
	*id_size = (size_t)(end - sealed.at) + 1;
	for (size_t i = 0; i < key_count; i++)
		if (strcmp(keys[i].id, (const char *)sealed.at) == 0)
			return &keys[i];
	return NULL;
}

bool
unseal(struct arena *arena, struct bytes sealed, const char *context, struct text *plain)
{
	size_t id_size, length;
	const struct key *key = find_key(sealed, &id_size);
	unsigned char tag[TAG_SIZE], *out;
	const unsigned char *nonce;
	EVP_CIPHER_CTX *cipher;
	int written = 0, rest = 0;
	bool opened;

	if (key == NULL || sealed.length < id_size + NONCE_SIZE + TAG_SIZE || sealed.length > INT32_MAX)
		return false;
	nonce = sealed.at + id_size;
	length = sealed.length - id_size - NONCE_SIZE - TAG_SIZE;
	memcpy(tag, nonce + NONCE_SIZE, TAG_SIZE);
	out = arena_take(arena, length + 1);
	cipher = start_cipher(key, nonce, context, 0);
	opened = (length == 0 ||
		     EVP_DecryptUpdate(cipher, out, &written, nonce + NONCE_SIZE + TAG_SIZE, (int)length) == 1) &&
		 EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_GCM_SET_TAG, TAG_SIZE, tag) == 1 &&
		 EVP_DecryptFinal_ex(cipher, out + written, &rest) == 1;
	EVP_CIPHER_CTX_free(cipher);
	if (opened)
		*plain = (struct text){ (const char *)out, length };
	return opened;
}
