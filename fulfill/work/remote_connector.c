/*
 * remote_connector.c - "rest:FILE" and "soap:FILE" of the settings.
 */
#include "fulfill/work/remote_connector.h"

#include <string.h>

#include "fulfill/domain/remote_call.h"
#include "fulfill/work/connector_text.h"
#include "fulfill/work/remote_turn.h"
#include "fulfill/work/report_push.h"

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

/* clang-format off */
static const struct {
	SettingId setting;
	const char *none; /* when it names no service */
	const char *wrong; /* a value that cannot be */
} whats[] = {
	[REMOTE_ISSUER]  = { SET_ISSUE_BACKEND, "[issue] backend names no service, and tickets wait for one",
	                     "[issue] backend: '%s' is not mint, rest:FILE or soap:FILE" },
	[REMOTE_PORTAL]  = { SET_PORTAL_CONNECTOR, "[portal] connector is not set",
	                     "[portal] connector: '%s' is not rest:FILE or soap:FILE" },
	[REMOTE_REPORTS] = { SET_REPORT_CONNECTOR, "[report] connector is not set",
	                     "[report] connector: '%s' is not rest:FILE or soap:FILE" },
};
/* clang-format on */

bool
remote_backend_check(const Settings *settings, GError **error)
{
	for (size_t i = 0; i < G_N_ELEMENTS(whats); i++) {
		const char *value = settings_text(settings, whats[i].setting);
		bool xml;

		if (value != NULL && file_of(value, &xml) == NULL &&
		    (i != REMOTE_ISSUER || strcmp(value, "mint") != 0))
			return err_set(error, TP_ERROR_CONFIG, whats[i].wrong, value);
	}
	return true;
}

static Connector *
open_it(Work *work, RemoteWhat what, GError **error)
{
	bool xml = false;
	const char *name =
	    file_of(settings_text(work->settings, whats[what].setting), &xml);
	g_autofree char *path = NULL;
	g_autoptr(Connector) connector = NULL;

	if (name == NULL) {
		err_set(error, TP_ERROR_CONFIG, "%s", whats[what].none);
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
remote_connector(Work *work, RemoteWhat what, GError **error)
{
	Connector **slots[] = { &work->issuer, &work->portal, &work->reports };
	Connector **slot = slots[what];

	if (*slot == NULL)
		*slot = open_it(work, what, error);
	return *slot;
}

bool
remote_check(Work *work, GError **error)
{
	if (!remote_backend_check(work->settings, error))
		return false;
	if (issuer_is_remote(&work->issue) &&
	    remote_connector(work, REMOTE_ISSUER, error) == NULL)
		return false;
	if (report_push_is_on(work) && !report_push_check(work, error))
		return false;
	return !work->issue.portal ||
	       remote_connector(work, REMOTE_PORTAL, error) != NULL;
}
