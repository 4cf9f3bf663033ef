/*
 * rights_private.h - the table inside; for rights.c and rights_json.c only.
 */
#pragma once

#include "fulfill/domain/rights.h"

/* Every group that is not named with the action. */
#define RIGHTS_ANY_GROUP "*"

typedef struct RightsRow {
	char *group;
	Right *rights[RIGHT_ACTIONS]; /* NULL: none */
} RightsRow;

struct Rights {
	GArray *rows; /* of RightsRow, in order of groups */
};

bool right_within(const Right *inner, const Right *outer);

/* Without falling back to "*". */
const Right *rights_find_exact(
    const Rights *rights, const char *group, RightAction action);
