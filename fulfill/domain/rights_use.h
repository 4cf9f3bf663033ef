/*
 * rights_use.h - rights where they are used: may this be done with this product, and
 * within which values?
 *
 * The effective range of an option is what the product offers, within what its group
 * allows, within what the rights allow (R4.2); boundaries are allowed.  A product may be
 * in several groups, and a right on any of them suffices (R4.1), but one group must
 * permit all of it.  Nothing here is stored with a licence: tightening a range later
 * leaves what runs alone (R4.4).
 */
#pragma once

#include "fulfill/domain/product.h"
#include "fulfill/domain/rights_store.h"
#include "fulfill/intake/order.h"

typedef struct RightsQuotas RightsQuotas;

typedef struct RightsUse {
	RightAction action;
	const char *who; /* for the texts: "R-100" */
	const Product *product;
	RightChannel channel;  /* RIGHT_NO_CHANNEL: none is asked */
	const json_t *options; /* what is wanted; NULL: nothing */
	int64_t quantity;      /* 0: not asked */
} RightsUse;

/* What is not permitted; of the group that comes nearest. */
typedef struct UseFault {
	OrderErrorCode code;
	char *field; /* "options.days" */
	char *text;  /* names the range that would be allowed */
} UseFault;

/*
 * true: permitted; *ret_group is the code of the group that permits it (borrowed from the
 * product), *ret_offer its effective ranges (the caller frees).  Either may be NULL.
 * false: `faults` (of UseFault *, see use_faults_new(); may be NULL) has why.
 */
bool rights_use(const Rights *rights, const RightsUse *use, GPtrArray *faults,
    const char **ret_group, Ranges **ret_offer);

GPtrArray *use_faults_new(void);

/* Whether the rights let somebody see licences of this product: seeing comes with each
 * other action. */
bool rights_may_view(const Rights *rights, const Product *product);

/*
 * Counts against the quota of each level that has one for this group (R6.1): licences
 * ordered by a party and those below it, or by a user, and not withdrawn.  `more` are to
 * come. 1: there is room.  0: *ret_text says whose quota is used up (to be freed).
 * Parallel orders wait for each other here, until the end of the transaction; so a count
 * holds that long, and `cache` (NULL: none) spares the next order of the same transaction
 * the counting.
 */
int rights_quota(DbTx *tx, RightsQuotas *cache, const GPtrArray *levels,
    const char *group, int64_t more, char **ret_text, GError **error) MUST_USE;

/* For one transaction. */
RightsQuotas *rights_quotas_new(void) MUST_USE;
void rights_quotas_free(RightsQuotas *cache);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RightsQuotas, rights_quotas_free)

/* So many of a product were ordered by the last of these levels. */
void rights_quotas_add(RightsQuotas *cache, const GPtrArray *levels,
    const Product *product, int64_t quantity);

/* Something was withdrawn: all is counted anew. */
void rights_quotas_clear(RightsQuotas *cache);
