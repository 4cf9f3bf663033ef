/*
 * remote_connector.h - the connectors that the settings name, opened when first needed.
 */
#pragma once

#include "fulfill/issue/connector.h"
#include "fulfill/work/work.h"

typedef enum RemoteWhat { REMOTE_ISSUER, REMOTE_PORTAL, REMOTE_REPORTS } RemoteWhat;

/* Belongs to `work`.  CONFIG when none is set, or when its file is wrong. */
Connector *remote_connector(Work *work, RemoteWhat what, GError **error) MUST_USE;

/* Whether the settings name what there is, without opening it: CONFIG. */
bool remote_backend_check(const Settings *settings, GError **error) MUST_USE;
