/*
 * packlist_private.h - what the packing list's files share.
 */
#pragma once

#include "print/packlist.h"

/* What both forms ask of a list. */
bool packlist_check(const PackList *list, GError **error) MUST_USE;
