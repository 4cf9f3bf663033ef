/*
 * timer.h - recurring work that any worker may do and exactly one does.
 */
#pragma once

#include "queue/db.h"

/* Makes the timer when it is not there yet; due at once.  `every_s` is taken over when it
 * changed. */
bool timer_ensure(DbTx *tx, const char *name, int every_s, GError **error) MUST_USE;

/* Sets when it is due next; makes it (once) when it is not there. */
bool timer_set(DbTx *tx, const char *name, int64_t due_at, GError **error) MUST_USE;

/* Would timer_take() find it due, or is it not made yet?  1 / 0 / -1.  Writes nothing. */
int timer_is_due(Db *db, const char *name, GError **error) MUST_USE;

/* Is it due, and are we the ones to do it?  1: yes, and it is due again `every_s` from
 * now: runs missed while everything stood still are made up once, not one by one.  0: no.
 */
int timer_take(DbTx *tx, const char *name, GError **error) MUST_USE;
