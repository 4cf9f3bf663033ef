/*
 * remote_connector.c - "rest:FILE" and "soap:FILE" of the settings.
 */
#include "fulfill/work/remote_connector.h"

#include <string.h>

#include "fulfill/domain/remote_call.h"
#include "fulfill/work/connector_text.h"
#include "fulfill/work/remote_turn.h"

/* The file behind "rest:" or "soap:"; NULL when it is neither. */
static const char *
file_of(const char *value, bool *ret_xml)
{
	if (value != NULL && g_str_has_prefix(value, "rest:")) {
		*ret_xml = false;
		return value + strlen("rest:");
	}
	if (value != NULL && g_str_has_prefix(value, "soap:")) {
		*ret_xml = true;
		return value + strlen("soap:");
	}
	return NULL;
}

bool
remote_backend_check(const Settings *settings, GError **error)
{
	const char *backend = settings_text(settings, SET_ISSUE_BACKEND);
	const char *portal = settings_text(settings, SET_PORTAL_CONNECTOR);
	bool xml;

	if (backend != NULL && strcmp(backend, "mint") != 0 &&
	    file_of(backend, &xml) == NULL)
		return err_set(error, TP_ERROR_CONFIG,
		    "[issue] backend: '%s' is not mint, rest:FILE or soap:FILE", backend);
	return portal == NULL || file_of(portal, &xml) != NULL ||
	       err_set(error, TP_ERROR_CONFIG,
		   "[portal] connector: '%s' is not rest:FILE or soap:FILE", portal);
}

static Connector *
open_it(Work *work, SettingId setting, GError **error)
{
	bool xml = false;
	const char *name = file_of(settings_text(work->settings, setting), &xml);
	g_autofree char *path = NULL;
	g_autoptr(Connector) connector = NULL;

	if (name == NULL) {
		err_set(error, TP_ERROR_CONFIG, "%s",
		    setting == SET_PORTAL_CONNECTOR
			? "[portal] connector is not set"
			: "[issue] backend names no service, and tickets wait for one");
		return NULL;
	}
	path = g_canonicalize_filename(name, settings_folder(work->settings));
	connector = connector_open(path, work->vault, error);
	if (connector == NULL || !connector_text_check(connector, error))
		return NULL;
	if (connector_is_xml(connector) != xml) {
		err_set(error, TP_ERROR_CONFIG, "%s: [connector] kind is not %s", path,
		    xml ? "soap" : "rest");
		return NULL;
	}
	return g_steal_pointer(&connector);
}

Connector *
remote_connector(Work *work, bool portal, GError **error)
{
	Connector **slot = portal ? &work->portal : &work->issuer;

	if (*slot == NULL)
		*slot = open_it(
		    work, portal ? SET_PORTAL_CONNECTOR : SET_ISSUE_BACKEND, error);
	return *slot;
}

bool
remote_check(Work *work, GError **error)
{
	if (!remote_backend_check(work->settings, error))
		return false;
	if (issuer_is_remote(&work->issue) &&
	    remote_connector(work, false, error) == NULL)
		return false;
	return !work->issue.portal || remote_connector(work, true, error) != NULL;
}
