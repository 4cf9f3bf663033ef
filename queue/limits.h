/*
 * limits.h - the limits of limits.def as constants: LIMIT_ORDER_QUANTITY and so on.
 */
#pragma once

#include <stdint.h>

enum {
#define LIMIT(name, value, unit, reason) LIMIT_##name = (value),
#include "queue/limits.def"
#undef LIMIT
};

typedef struct Limit {
	const char *name;
	int64_t value;
	const char *unit;
	const char *reason;
} Limit;

/* Ends with a row whose name is NULL. */
extern const Limit limits[];
