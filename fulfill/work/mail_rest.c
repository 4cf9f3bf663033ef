/*
 * mail_rest.c - a table from domain to its rest.
 */
#include "fulfill/work/mail_rest.h"

#include <string.h>

#include "queue/clock.h"

#define FIRST_US (15 * 60 * US_PER_S)
#define LONGEST_US (4 * 3600 * US_PER_S)

typedef struct Rest {
	int64_t until_us;
	int64_t length_us;
} Rest;

struct MailRest {
	GHashTable *domains; /* lower case -> Rest */
};

MailRest *
mail_rest_new(void)
{
	MailRest *rest = g_new0(MailRest, 1);

	rest->domains = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	return rest;
}

void
mail_rest_free(MailRest *rest)
{
	if (rest == NULL)
		return;
	g_hash_table_unref(rest->domains);
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

int64_t
mail_rest_left(const MailRest *rest, const char *address, int64_t now_us)
{
	g_autofree char *domain = NULL;
	const Rest *one;

	if (g_hash_table_size(rest->domains) == 0)
		return 0;
	domain = domain_of(address);
	one = g_hash_table_lookup(rest->domains, domain);
	return one != NULL ? MAX(one->until_us - now_us, 0) : 0;
}
