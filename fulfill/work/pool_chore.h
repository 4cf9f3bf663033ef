/*
 * pool_chore.h - recurring work for pools.
 */
#pragma once

#include "fulfill/work/work.h"

/* A function of chores.def: expires what lay too long, tells those whose stock
 * runs low. */
bool chore_stock(Work *work, bool *ret_more, GError **error) MUST_USE;
