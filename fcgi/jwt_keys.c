/*
 * The keys of an outside identity provider: a JWKS document (RFC 7517) and the file it stands in. Each key is pinned to
 * one algorithm when it is read (RFC 8725, 3.1), lives as an EVP_PKEY until another document takes its place, and is
 * never fetched from anywhere.
 */
#include "jwt_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/param_build.h>

#include "text.h"

enum {
	DOCUMENT_MOST = 256 << 10,
	KEYS_MOST = 100,
	SCRATCH_MEMORY = 16 << 20,
	SET_MEMORY = 4 << 20,
	RSA_BITS_LEAST = 2048, /* RFC 7518, 3.3 */
	RSA_BITS_MOST = 8192,  /* checking a signature may not become slow */
	EXPONENT_BITS_MOST = 64,
	COORDINATE_BYTES = 32, /* of P-256 and of Ed25519 */
};

struct key_set {
	struct arena *arena; /* of the list and the ids */
	struct jwt_key *keys;
	size_t count;
};

static struct key_set in_use;

/* The file as it was when it was read, and what was wrong with it. */
static struct {
	bool known;
	dev_t device;
	ino_t inode;
	off_t size;
	struct timespec modified;
	const char *fault;
} file;

static struct key_set
new_set(void)
{
	struct key_set set = { .arena = arena_new(SET_MEMORY) };

	set.keys = arena_array(set.arena, KEYS_MOST, sizeof(*set.keys));
	return set;
}

static void
drop_set(struct key_set *set)
{
	for (size_t i = 0; i < set->count; i++)
		EVP_PKEY_free(set->keys[i].key);
	arena_free(set->arena);
	*set = (struct key_set){ 0 };
}

/* ---- one key ----------------------------------------------------------------------------------------------------- */

/* base64url of a member; its `at` is NULL when it is missing or broken. */
static struct bytes
bytes_of(struct arena *scratch, const struct parts *members, const char *name)
{
	const struct part *part = jwt_member(members, name);
	struct bytes bytes;

	if (part == NULL || part->type != PART_STRING || !base64url_decode(scratch, part->text, &bytes))
		return (struct bytes){ NULL, 0 };
	return bytes;
}

/* A public key out of its parameters; NULL when OpenSSL does not take them. */
static EVP_PKEY *
key_from(const char *type, OSSL_PARAM_BLD *builder)
{
	OSSL_PARAM *parameters = OSSL_PARAM_BLD_to_param(builder);
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
	EVP_PKEY *key = NULL;

	if (parameters == NULL || context == NULL || EVP_PKEY_fromdata_init(context) != 1 ||
	    EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, parameters) != 1)
		key = NULL;
	EVP_PKEY_CTX_free(context);
	OSSL_PARAM_free(parameters);
	return key;
}

static bool
rsa_is_sound(const BIGNUM *modulus, const BIGNUM *exponent)
{
	int bits = BN_num_bits(modulus);

	return bits >= RSA_BITS_LEAST && bits <= RSA_BITS_MOST && BN_is_odd(modulus) && BN_is_odd(exponent) &&
	       !BN_is_one(exponent) && BN_num_bits(exponent) <= EXPONENT_BITS_MOST;
}

/* RFC 7518, 6.3.1 */
static EVP_PKEY *
rsa_key(struct arena *scratch, const struct parts *members)
{
	struct bytes n = bytes_of(scratch, members, "n"), e = bytes_of(scratch, members, "e");
	OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
	BIGNUM *modulus = BN_bin2bn(n.at, (int)n.length, NULL), *exponent = BN_bin2bn(e.at, (int)e.length, NULL);
	EVP_PKEY *key = NULL;

	if (builder != NULL && modulus != NULL && exponent != NULL && rsa_is_sound(modulus, exponent) &&
	    OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, modulus) == 1 &&
	    OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, exponent) == 1)
		key = key_from("RSA", builder);
	OSSL_PARAM_BLD_free(builder);
	BN_free(modulus);
	BN_free(exponent);
	return key;
}

/* RFC 7518, 6.2.1; a point that is not on the curve makes no key. */
static EVP_PKEY *
ec_key(struct arena *scratch, const struct parts *members)
{
	struct bytes x = bytes_of(scratch, members, "x"), y = bytes_of(scratch, members, "y");
	unsigned char point[1 + 2 * COORDINATE_BYTES] = { POINT_CONVERSION_UNCOMPRESSED };
	OSSL_PARAM_BLD *builder;
	EVP_PKEY_CTX *context;
	EVP_PKEY *key = NULL;

	if (x.length != COORDINATE_BYTES || y.length != COORDINATE_BYTES)
		return NULL;
	memcpy(point + 1, x.at, COORDINATE_BYTES);
	memcpy(point + 1 + COORDINATE_BYTES, y.at, COORDINATE_BYTES);
	builder = OSSL_PARAM_BLD_new();
	if (builder != NULL &&
	    OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0) == 1 &&
	    OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof(point)) == 1)
		key = key_from("EC", builder);
	OSSL_PARAM_BLD_free(builder);
	context = key == NULL ? NULL : EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
	if (context == NULL || EVP_PKEY_public_check(context) != 1) {
		EVP_PKEY_free(key);
		key = NULL;
	}
	EVP_PKEY_CTX_free(context);
	return key;
}

/* RFC 8037, 2 */
static EVP_PKEY *
ed25519_key(struct arena *scratch, const struct parts *members)
{
	struct bytes x = bytes_of(scratch, members, "x");
	OSSL_PARAM_BLD *builder;
	EVP_PKEY *key = NULL;

	if (x.length != COORDINATE_BYTES)
		return NULL;
	builder = OSSL_PARAM_BLD_new();
	if (builder != NULL && OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, x.at, x.length) == 1)
		key = key_from("ED25519", builder);
	OSSL_PARAM_BLD_free(builder);
	return key;
}

/* What kind of key goes with which algorithm. */
static const struct key_kind {
	const char *type;
	const char *curve; /* NULL: the type has none */
	enum algorithm algorithm;
	const char *name;
	EVP_PKEY *(*make)(struct arena *scratch, const struct parts *members);
} kinds[] = {
	{ "RSA", NULL, RS256, "RS256", rsa_key },
	{ "EC", "P-256", ES256, "ES256", ec_key },
	{ "OKP", "Ed25519", EDDSA, "EdDSA", ed25519_key },
};

enum algorithm
jwt_algorithm(struct text name)
{
	for (size_t i = 0; i < COUNT(kinds); i++)
		if (text_is(name, kinds[i].name))
			return kinds[i].algorithm;
	return NO_ALGORITHM;
}

/* A key that says it is for something else is left alone. */
static bool
is_to_verify(struct arena *scratch, const struct parts *members)
{
	const struct part *operations = jwt_member(members, "key_ops");
	bool all_strings;

	if (jwt_member(members, "use") != NULL && !jwt_member_is(members, "use", "sig"))
		return false;
	return operations == NULL || jwt_array_holds(scratch, operations, "verify", &all_strings);
}

static const struct key_kind *
kind_of(const struct parts *members)
{
	for (size_t i = 0; i < COUNT(kinds); i++) {
		const struct key_kind *kind = &kinds[i];

		if (!jwt_member_is(members, "kty", kind->type) ||
		    (kind->curve != NULL && !jwt_member_is(members, "crv", kind->curve)))
			continue;
		if (jwt_member(members, "alg") == NULL || jwt_member_is(members, "alg", kind->name))
			return kind;
	}
	return NULL;
}

/* RFC 7518, 6.2.2, 6.3.2, 6.4.1: of the types we know and of those we do not. */
static bool
holds_secret(const struct parts *members)
{
	static const char *const secrets[] = { "d", "k", "p", "q", "dp", "dq", "qi", "oth", "priv" };

	for (size_t i = 0; i < COUNT(secrets); i++)
		if (jwt_member(members, secrets[i]) != NULL)
			return true;
	return false;
}

static bool
same_id(struct maybe_text a, struct maybe_text b)
{
	return a.at != NULL && b.at != NULL &&
	       text_equal((struct text){ a.at, a.length }, (struct text){ b.at, b.length });
}

static const char *
add_key(struct key_set *set, struct jwt_key key)
{
	for (size_t i = 0; i < set->count; i++)
		if (same_id(set->keys[i].id, key.id))
			return "gives two keys the same `kid`.";
	if (set->count == KEYS_MOST)
		return "holds more than 100 keys.";
	if (key.id.at != NULL)
		key.id = text_given(arena_text(set->arena, key.id.at, key.id.length));
	set->keys[set->count++] = key;
	return NULL;
}

/* Takes the key into the set, or passes it over. */
static const char *
read_key(struct arena *scratch, struct key_set *set, struct text jwk)
{
	struct jwt_key key = { 0 };
	const struct key_kind *kind;
	const struct part *id;
	struct parts members;
	const char *fault;

	if (!jwt_read_parts(scratch, jwk, &members))
		return "holds a key that can't be read.";
	if (holds_secret(&members))
		return "holds a private or secret key, which does not belong there; it takes public keys only.";
	kind = kind_of(&members);
	id = jwt_member(&members, "kid");
	if (kind == NULL || !is_to_verify(scratch, &members) || (id != NULL && id->type != PART_STRING))
		return NULL;
	if (id != NULL)
		key.id = text_given(id->text);
	key.algorithm = kind->algorithm;
	key.key = kind->make(scratch, &members);
	if (key.key == NULL)
		return NULL;
	fault = add_key(set, key);
	if (fault != NULL)
		EVP_PKEY_free(key.key);
	return fault;
}

/* ---- the document ------------------------------------------------------------------------------------------------ */

static const char *
read_keys(struct arena *scratch, struct key_set *set, const struct parts *items)
{
	const char *fault = NULL;

	for (size_t i = 0; i < items->count && fault == NULL; i++) {
		struct arena_mark mark = arena_mark(scratch);

		if (items->at[i].type != PART_OBJECT)
			return "has something else than an object among its `keys`.";
		fault = read_key(scratch, set, items->at[i].text);
		arena_release(scratch, mark);
	}
	if (fault == NULL && set->count == 0)
		return "holds no key that can be used: RSA of 2048 to 8192 bits, EC of curve P-256, or OKP of curve "
		       "Ed25519.";
	return fault;
}

static const char *
read_document(struct arena *scratch, struct key_set *set, struct text document)
{
	const struct part *keys;
	struct parts members, items;

	if (!jwt_read_object(scratch, document, &members))
		return "is not an acceptable JSON object.";
	keys = jwt_member(&members, "keys");
	if (keys == NULL || keys->type != PART_ARRAY)
		return "has no array `keys`.";
	if (!jwt_read_parts(scratch, keys->text, &items))
		return "holds more than 256 keys.";
	return read_keys(scratch, set, &items);
}

static const char *
use_document(struct text document)
{
	struct arena *scratch;
	struct key_set set;
	const char *fault;

	if (document.length > DOCUMENT_MOST)
		return "is larger than 256 KiB.";
	scratch = arena_new(SCRATCH_MEMORY);
	set = new_set();
	fault = read_document(scratch, &set, document);
	if (fault == NULL) {
		drop_set(&in_use);
		in_use = set;
	} else {
		drop_set(&set);
	}
	arena_free(scratch);
	ERR_clear_error(); /* of keys that OpenSSL did not take; others look at this queue too */
	return fault;
}

const char *
jwt_use_keys(const char *document, size_t length)
{
	file.known = false;
	return use_document((struct text){ document, length });
}

size_t
jwt_key_count(void)
{
	return in_use.count;
}

const struct jwt_key *
jwt_find_key(struct maybe_text id, enum algorithm algorithm, const char **fault)
{
	const struct jwt_key *found = NULL;

	for (size_t i = 0; i < in_use.count; i++) {
		const struct jwt_key *key = &in_use.keys[i];

		if (id.at != NULL ? !same_id(key->id, id) : key->algorithm != algorithm)
			continue;
		if (found != NULL) {
			*fault = "The token does not say by `kid` which key signed it, and several could have.";
			return NULL;
		}
		found = key;
	}
	if (found == NULL)
		*fault = "The key that signed the token is not known here.";
	else if (found->algorithm != algorithm)
		*fault = "The token's algorithm is not the one of its key.";
	return found != NULL && found->algorithm == algorithm ? found : NULL;
}

/* ---- the file ---------------------------------------------------------------------------------------------------- */

static bool
file_is_known(const struct stat *status)
{
	return file.known && file.device == status->st_dev && file.inode == status->st_ino &&
	       file.size == status->st_size && file.modified.tv_sec == status->st_mtim.tv_sec &&
	       file.modified.tv_nsec == status->st_mtim.tv_nsec;
}

/* The file as it is now; false: it can't be read. A byte more than allowed is read, so that use_document sees it. */
static bool
read_file(int descriptor, struct arena *arena, struct text *document)
{
	char *at = arena_take(arena, DOCUMENT_MOST + 1);
	size_t length = 0;
	ssize_t got = 1;

	while (length <= DOCUMENT_MOST && got != 0) {
		got = read(descriptor, at + length, DOCUMENT_MOST + 1 - length);
		if (got < 0 && errno != EINTR)
			return false;
		length += got > 0 ? (size_t)got : 0;
	}
	*document = (struct text){ at, length };
	return true;
}

static const char *
use_open_file(int descriptor)
{
	struct arena *arena;
	struct text document;
	struct stat status;

	if (fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode))
		return "is no regular file.";
	arena = arena_new(SCRATCH_MEMORY);
	if (read_file(descriptor, arena, &document)) {
		file.fault = use_document(document);
		file.device = status.st_dev;
		file.inode = status.st_ino;
		file.size = status.st_size;
		file.modified = status.st_mtim;
		file.known = true;
	} else {
		file.known = false;
		file.fault = "can't be read.";
	}
	arena_free(arena);
	return file.fault;
}

const char *
jwt_use_file(const char *path)
{
	struct stat status;
	const char *fault;
	int descriptor;

	if (stat(path, &status) != 0)
		return "can't be found, or may not be read.";
	if (file_is_known(&status))
		return file.fault;
	descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (descriptor < 0)
		return "can't be opened.";
	fault = use_open_file(descriptor);
	close(descriptor);
	return fault;
}
