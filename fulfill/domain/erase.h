/*
 * erase.h - the table of what the store holds about people, and its statements.
 *
 * erase.def is the only place that knows which rows and columns belong to a person;
 * export, dry run and erasure walk it.  A column of the schema without a row there fails
 * tests/fulfill/test_erase.c.
 */
#pragma once

#include <jansson.h>

#include "queue/db.h"

/* Whose rows: what $1 of a part's statements is. */
typedef enum EraseScope {
	ERASE_PARTY,    /* id of a customer */
	ERASE_USER,     /* id of a user */
	ERASE_EMPLOYEE, /* id of an employee */
	ERASE_EMAIL,    /* an address in lower case */
	ERASE_SCOPES
} EraseScope;

/* "party", "user", "employee", "email". */
const char *erase_scope_name(EraseScope scope);
bool erase_scope_from_name(const char *name, EraseScope *ret);

typedef enum EraseHolds {
	ERASE_FACT,
	ERASE_LINK,
	ERASE_PERSON,
	ERASE_TEXT,
	ERASE_SECRET
} EraseHolds;

typedef enum EraseDeed {
	ERASE_KEEP,
	ERASE_BLANK,
	ERASE_PSEUDO,
	ERASE_CHANGE, /* of a part: its columns say what */
	ERASE_DELETE, /* of a part: the rows go */
} EraseDeed;

/* "keep", "blank", "pseudonym", "change", "delete". */
const char *erase_deed_name(EraseDeed deed);

typedef struct EraseColumn {
	const char *table;
	const char *column;
	EraseHolds holds;
	EraseDeed deed;
	const char *value; /* SQL */
	const char *why;
} EraseColumn;

/* All rows of the table, ended by one whose table is NULL. */
const EraseColumn *erase_columns(void);
/* NULL: the column has no row. */
const EraseColumn *erase_column_find(const char *table, const char *column);

/* The rows of one table that belong to a person.  The statements take $1 and, `change`,
 * nothing else. */
typedef struct ErasePart {
	EraseScope scope;
	const char *table;
	EraseDeed deed;
	Stmt count;
	Stmt select; /* every column that is not secret, as text, in the order of
			`columns` */
	Stmt change; /* UPDATE or DELETE; sql NULL: everything of this table stays */
	GPtrArray *columns; /* of const EraseColumn *, those that `select` yields */
} ErasePart;

/* ErasePart *, in the order in which they are carried out; made once, borrowed. */
const GPtrArray *erase_parts(void);

/* Text of the rows of a part as a list of objects: what the person's export shows. */
json_t *erase_part_rows(
    Db *db, const ErasePart *part, DbValue who, GError **error) MUST_USE;
bool erase_part_count(
    Db *db, const ErasePart *part, DbValue who, int64_t *ret, GError **error) MUST_USE;
/* `ret_n` counts the rows.  Nothing for a part of which everything stays. */
bool erase_part_apply(DbTx *tx, const ErasePart *part, DbValue who, int64_t *ret_n,
    GError **error) MUST_USE;
