/*
 * mail_rest.c - a table from domain to its rest.
 */
#include "fulfill/work/mail_rest.h"

#include <string.h>

#include "fulfill/domain/mail_domain.h"
#include "queue/clock.h"

#define FIRST_US (15 * 60 * US_PER_S)
#define LONGEST_US (4 * 3600 * US_PER_S)
#define LOAD_EVERY_US (5 * US_PER_S)

typedef struct Rest {
	int64_t until_us;
	int64_t length_us;
} Rest;

struct MailRest {
	GHashTable *domains;  /* lower case -> Rest */
	GHashTable *reported; /* lower case -> Rest */
	int64_t load_again_us;
};

MailRest *
mail_rest_new(void)
{
	MailRest *rest = g_new0(MailRest, 1);

	rest->domains = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	rest->reported = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	return rest;
}

void
mail_rest_free(MailRest *rest)
{
	if (rest == NULL)
		return;
	g_hash_table_unref(rest->domains);
	g_hash_table_unref(rest->reported);
	g_free(rest);
}

static char *
domain_of(const char *address)
{
	const char *at = strrchr(address, '@');

	return g_ascii_strdown(at != NULL ? at + 1 : address, -1);
}

int64_t
mail_rest_add(MailRest *rest, const char *address, int64_t now_us)
{
	char *domain = domain_of(address);
	Rest *one = g_hash_table_lookup(rest->domains, domain);

	if (one == NULL) {
		one = g_new0(Rest, 1);
		g_hash_table_insert(rest->domains, domain, one);
	} else {
		g_free(domain);
	}
	/* Answers to what was under way already say nothing new. */
	if (one->until_us <= now_us) {
		one->length_us =
		    one->length_us == 0 ? FIRST_US : MIN(one->length_us * 2, LONGEST_US);
		one->until_us = now_us + one->length_us;
	}
	return one->until_us - now_us;
}

void
mail_rest_end(MailRest *rest, const char *address)
{
	g_autofree char *domain = NULL;

	if (g_hash_table_size(rest->domains) == 0)
		return;
	domain = domain_of(address);
	g_hash_table_remove(rest->domains, domain);
}

static int64_t
left_in(GHashTable *domains, const char *domain, int64_t now_us)
{
	const Rest *one = g_hash_table_lookup(domains, domain);

	return one != NULL ? MAX(one->until_us - now_us, 0) : 0;
}

int64_t
mail_rest_left(const MailRest *rest, const char *address, int64_t now_us)
{
	g_autofree char *domain = NULL;

	if (g_hash_table_size(rest->domains) + g_hash_table_size(rest->reported) == 0)
		return 0;
	domain = domain_of(address);
	return MAX(left_in(rest->domains, domain, now_us),
	    left_in(rest->reported, domain, now_us));
}

typedef struct Loading {
	GHashTable *reported;
	int64_t to_monotonic_us;
} Loading;

static void
add_reported(void *user, const char *domain, int64_t until_at)
{
	const Loading *loading = user;
	Rest *one = g_new0(Rest, 1);

	one->until_us = until_at + loading->to_monotonic_us;
	g_hash_table_insert(loading->reported, g_strdup(domain), one);
}

bool
mail_rest_load(MailRest *rest, Db *db, int64_t now_us, GError **error)
{
	int64_t now_at = clock_now_at();
	Loading loading = { rest->reported, now_us - now_at };

	if (now_us < rest->load_again_us)
		return true;
	rest->load_again_us = now_us + LOAD_EVERY_US;
	g_hash_table_remove_all(rest->reported);
	return mail_domain_each(db, now_at, add_reported, &loading, error);
}
