/*
 * remote_connector.h - the connectors that the settings name, opened when first needed.
 */
#pragma once

#include "fulfill/issue/connector.h"
#include "fulfill/work/work.h"

/* The issuer's or the portal's; belongs to `work`.  CONFIG when none is set, or when its
 * file is wrong. */
Connector *remote_connector(Work *work, bool portal, GError **error) MUST_USE;

/* Whether [issue] backend is one that there is, without opening it: CONFIG. */
bool remote_backend_check(const Settings *settings, GError **error) MUST_USE;
