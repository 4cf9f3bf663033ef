/*
 * programme_list.h - plans and runs, for people who look.
 */
#pragma once

#include <jansson.h>

#include "queue/db.h"

typedef struct PlanFilter {
	const char *employee;  /* staff number; NULL: any */
	const char *programme; /* code; NULL: any */
	bool live;             /* only those that run */
} PlanFilter;

typedef struct PlanRow {
	int64_t id;
	const char *programme;
	const char *employee;
	const char *name; /* or NULL */
	const char *product;
	const char *state;
	const char *reason; /* or NULL */
	bool asked;
	const char *order;
	int64_t terms;
	const char *first_day;
	const char *last_day;
	const char *tail; /* of its first ticket; NULL: not made yet */
} PlanRow;

bool plan_list(Db *db, const PlanFilter *filter,
    void (*fn)(void *user, const PlanRow *row), void *user, GError **error) MUST_USE;

/* With the keys of `programme` and `employee --json`; the caller's. */
json_t *plan_row_json(const PlanRow *row);
