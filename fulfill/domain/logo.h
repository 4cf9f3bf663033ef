/*
 * logo.h - which picture stands for which brand.
 *
 * Facts name a picture by its id when a delivery is planned (facts.h), so a new logo is
 * on what is ordered from then on, and nothing that was printed or mailed changes.
 */
#pragma once

#include "print/picture.h"
#include "queue/db.h"

/* The brand of whoever has none of his own. */
#define LOGO_VENDOR ""

/* 1: it is another picture than before, or the first.  0: the same. */
int logo_put(
    DbTx *tx, const char *brand, const Picture *picture, GError **error) MUST_USE;

/* The brand has no picture any more.  1: it had one. */
int logo_remove(DbTx *tx, const char *brand, GError **error) MUST_USE;

/* By id; NOT_FOUND, or INVALID for a row that was tampered with. */
Picture *logo_picture(Db *db, const char *id, GError **error) MUST_USE;

/* Does a party have it?  1 / 0 / -1. */
int logo_brand_is_used(Db *db, const char *brand, GError **error) MUST_USE;

typedef void LogoRow(
    void *user, const char *brand, const char *picture, int width, int height);

/* All, by brand. */
bool logo_list(Db *db, LogoRow *fn, void *user, GError **error) MUST_USE;
