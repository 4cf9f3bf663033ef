/*
 * job_retry.c - the curves.
 *
 * Mail follows RFC 5321 4.5.4.1 in its end (give up after 4 to 5 days) but starts faster:
 * a customer waits for a ticket, and greylisting servers let a sender in after five
 * minutes. Licence servers recover faster still.  Print stops soon: a person stands
 * beside it.
 */
#include "queue/job_retry.h"

#include <string.h>

/* clang-format off */
static const RetryCurve curves[] = {
	/* name      first  factor    longest    give up  jitter */
	{ "mail",      300,      2,  4 * 3600, 5 * 86400,     20 },
	{ "licence",     5,      3,      3600,     86400,     20 },
	{ "print",      60,      2,       900,  2 * 3600,      0 },
	{ "house",      10,      2,       600,         0,     20 },	/* our own tables: never give up */
};
/* clang-format on */

const RetryCurve *
retry_curve_find(const char *name)
{
	for (size_t i = 0; i < G_N_ELEMENTS(curves); i++)
		if (strcmp(curves[i].name, name) == 0)
			return &curves[i];
	return NULL;
}

int
retry_wait_s(const RetryCurve *curve, int attempt, uint32_t random)
{
	int64_t wait = curve->first_s;
	int64_t spread;

	for (int i = 1; i < attempt && wait < curve->longest_s; i++)
		wait *= curve->factor;
	wait = MIN(wait, curve->longest_s);
	spread = wait * curve->jitter_pct / 100;
	if (spread > 0)
		wait += (int64_t)(random % (uint32_t)(2 * spread + 1)) - spread;
	return (int)MAX(wait, 1);
}

bool
retry_is_over(const RetryCurve *curve, int64_t age_s)
{
	return curve->give_up_s != 0 && age_s >= curve->give_up_s;
}
