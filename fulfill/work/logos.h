/*
 * logos.h - the pictures of brands: taken from the operator's folder, and at hand where
 * something is drawn.
 *
 * The folder is [print] logos; BRAND.png is the picture of the parties with that brand,
 * vendor.png the vendor's own.  A name that is no brand's is told.  Nothing else ever
 * brings a picture in: no order, no mail, no web page.
 */
#pragma once

#include "fulfill/domain/faults.h"
#include "fulfill/work/work.h"
#include "print/picture.h"

typedef struct LogoCount {
	int taken; /* new or changed */
	int same;
	int removed; /* their files are gone */
} LogoCount;

/*
 * Reads every PNG of the folder and takes all of them within `tx`, or none: true with
 * `faults` (file and reason) means that the caller rolls back.  CONFIG: no such folder.
 */
bool logos_take(DbTx *tx, const char *folder, Faults *faults, LogoCount *ret,
    GError **error) MUST_USE;

/* Pictures that were used, for the life of a Work. */
typedef struct Logos Logos;
Logos *logos_new(void);
void logos_free(Logos *logos);

/*
 * Reads the picture that `context` (facts as text) names, unless it is here already; the
 * store's side of logos_find().
 */
bool logos_need(Logos *logos, Db *db, const char *context, GError **error) MUST_USE;

/* The picture that the brand of `frame` has; NULL: none.  Any thread; never waits for the
 * store. */
const Picture *logos_find(Logos *logos, const json_t *frame);
