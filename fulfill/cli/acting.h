/*
 * acting.h - as whom a command acts.
 *
 * Without --as, whoever may run the program on this machine acts for the vendor: they can
 * read the store anyway.  With --as a command has exactly the rights of that user, as a
 * mail of theirs would have.
 */
#pragma once

#include "fulfill/cli/cmd.h"
#include "fulfill/domain/scope.h"

/* --as of the command that runs, or NULL. */
extern char *acting_as;

#define ACTING_OPTION                                                                    \
	{                                                                                \
		"as", 0, 0, G_OPTION_ARG_STRING, &acting_as,                             \
		    "with the rights of this user: ADDRESS or ADDRESS:PARTY", "USER"     \
	}

/* The user's id, 0 without --as; the audit trail names it from now on. */
bool acting_user(const Cmd *cmd, int64_t *ret_id, GError **error) MUST_USE;

/* What that user may see, export or print; NULL without --as: everything. */
bool acting_scope(
    const Cmd *cmd, RightAction action, Scope **ret, GError **error) MUST_USE;

/* Is this row of a list seen?  1 / 0 / -1. */
typedef int ActingSees(void *user, const json_t *row, GError **error);

/* Leaves of a list the rows that are seen, at most `limit` of them (0: all). */
bool acting_keep(
    json_t *list, int limit, ActingSees *sees, void *user, GError **error) MUST_USE;

/* DENIED unless every card of the print batch may be printed by whoever acts. */
bool acting_may_print(const Cmd *cmd, int64_t batch_id, GError **error) MUST_USE;
