/*
 * limits.c - the table behind limits.h, for people to read.
 */
#include "queue/limits.h"

#include <stddef.h>

const Limit limits[] = {
#define LIMIT(name, value, unit, reason) { #name, value, unit, reason },
#include "queue/limits.def"
#undef LIMIT
	{ NULL, 0, NULL, NULL },
};
