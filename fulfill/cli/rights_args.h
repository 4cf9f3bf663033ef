/*
 * rights_args.h - rights as options and as tables; the same for parties and users.
 */
#pragma once

#include "fulfill/cli/cmd.h"
#include "fulfill/cli/table.h"
#include "fulfill/domain/rights_store.h"

/* --group, --may, --options, --channels, --quota say what.  The exit code, or -1. */
int rights_args_grant(Cmd *cmd, RightsWho who, GError **error);
int rights_args_revoke(Cmd *cmd, RightsWho who, GError **error);

/* Prints `object` (taken) and the rights below it. */
void rights_args_show(
    const Cmd *cmd, json_t *object, const Column *lines, const Rights *rights);

/* Prints the list of rights_matrix() (taken). */
void rights_args_matrix(const Cmd *cmd, json_t *list);
