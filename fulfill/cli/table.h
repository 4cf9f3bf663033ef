/*
 * table.h - one document, two ways to read it: JSON for programs, an aligned table for
 * people.
 */
#pragma once

#include "fulfill/cli/cmd.h"

typedef struct Column {
	const char *title; /* for people */
	const char *key;   /* of the JSON objects */
	bool right;        /* numbers */
} Column;

/*
 * Prints `document`: with --json as it is, else the list under `list` as a table with
 * `columns` (ended by a row whose title is NULL).  Takes the document.
 */
void table_print(
    const Cmd *cmd, json_t *document, const char *list, const Column *columns);

/* What a walker of rows fills: it appends objects, with times in the zone. */
typedef struct Listing {
	json_t *list;
	GTimeZone *zone; /* borrowed */
} Listing;

/*
 * The end of a list command: `list` under its own name, EX_OK; or -1 when the walk that
 * filled it was not `ok`.  Takes the list.
 */
int table_print_list(
    const Cmd *cmd, bool ok, json_t *list, const char *name, const Column *columns);

/* Prints one object: with --json as it is, else a line for each of `columns`. */
void table_print_object(const Cmd *cmd, json_t *object, const Column *columns);

/* "2026-11-24 08:30" in the instance's zone; borrowed zone may be NULL for UTC. */
json_t *json_time(int64_t at, GTimeZone *zone);

/* json_string(), or null for NULL. */
json_t *json_text(const char *text);

/* Sets key to an integer count: for the *_count() walkers, whose user is a json_t object.
 */
void json_count(void *object, const char *state, int64_t n);
