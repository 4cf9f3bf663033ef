/*
 * work.c - open everything, or say what is wrong with it.
 */
#include "fulfill/work/work.h"

#include <unistd.h>

#include "fulfill/domain/privacy_notice.h"
#include "fulfill/work/log.h"
#include "fulfill/work/logos.h"
#include "fulfill/work/remote_connector.h"
#include "queue/day.h"
#include "queue/migrate.h"

static JobKind kinds[] = {
#define KIND(name, curve, priority, lease_s, attempts, doubt_after_s, effect)            \
	{ name, curve, priority, lease_s, attempts, doubt_after_s, effect },
#include "fulfill/work/kinds.def"
#undef KIND
};

void
work_kinds_set(const Settings *settings)
{
	for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
		if (g_str_equal(kinds[i].name, JOB_KIND_MAIL))
			kinds[i].doubt_after_s =
			    (int)settings_number(settings, SET_MAIL_DOUBT_AFTER);
	job_kinds_set(kinds, G_N_ELEMENTS(kinds));
}

char *
work_templates_folder(const Settings *settings)
{
	return g_build_filename(settings_folder(settings), "templates", NULL);
}

static char *
owner_name(void)
{
	char host[128] = "localhost";

	gethostname(host, sizeof(host) - 1);
	return g_strdup_printf("%s/%d", host, (int)getpid());
}

static bool
open_store(Work *work, bool unmigrated, GError **error)
{
	int pending;

	work->db = db_open(settings_text(work->settings, SET_STORE), false, error);
	if (work->db == NULL)
		return false;
	pending = migrate_pending(work->db, error);
	if (pending < 0)
		return false;
	return pending == 0 || unmigrated ||
	       err_set(error, TP_ERROR_CONFIG,
		   "the store is %d migration%s behind this program: run 'ticketpost "
		   "migrate'",
		   pending, pending == 1 ? "" : "s");
}

static bool
open_fonts(Work *work, GError **error)
{
	const char *fallback = settings_text(work->settings, SET_PRINT_FALLBACK);
	g_auto(GStrv) fallbacks = g_str_equal(fallback, "auto") ? font_known_fallbacks()
				  : g_str_equal(fallback, "off")
				      ? NULL
				      : g_strsplit(fallback, ":", -1);
	FontFiles files = {
		.regular = settings_text(work->settings, SET_PRINT_FONT),
		.bold = settings_text(work->settings, SET_PRINT_FONT_BOLD),
		.mono = settings_text(work->settings, SET_PRINT_FONT_MONO),
		.fallbacks = (const char *const *)fallbacks,
	};

	work->fonts = font_set_open(&files, error);
	return work->fonts != NULL;
}

static bool
open_texts(Work *work, GError **error)
{
	g_autofree char *folder = work_templates_folder(work->settings);

	work->templates =
	    tmpl_set_open(folder, settings_text(work->settings, SET_LANGUAGE), error);
	return work->templates != NULL;
}

static bool
open_keys(Work *work, GError **error)
{
	work->vault = vault_open(settings_text(work->settings, SET_KEY_FILE), error);
	return work->vault != NULL;
}

static void
fill_issue(Work *work)
{
	const Settings *s = work->settings;

	work->issue = (IssueContext){
		.vault = work->vault,
		.zone = work->zone,
		.language = settings_text(s, SET_LANGUAGE),
		.stock = settings_text(s, SET_PRINT_STOCK),
		.product = settings_text(s, SET_PRINT_PRODUCT),
		.batch_size = settings_number(s, SET_PRINT_SIZE),
		.gather_us = settings_number(s, SET_PRINT_GATHER) * INT64_C(1000000),
		.vendor_name = settings_text(s, SET_NAME),
		.website = settings_text(s, SET_WEBSITE),
		.support = settings_text(s, SET_SUPPORT),
		.backend = settings_text(s, SET_ISSUE_BACKEND),
		.portal = settings_text(s, SET_PORTAL_CONNECTOR) != NULL,
	};
}

/* The notice in force, for whoever stores a customer.  When somebody else writes just
 * now, the next to open the store does it. */
static void
put_notice(Work *work)
{
	const Settings *s = work->settings;
	PrivacyNotice notice = {
		.version = settings_text(s, SET_PRIVACY_VERSION),
		.purpose = settings_text(s, SET_PRIVACY_PURPOSE),
		.url = settings_text(s, SET_PRIVACY_NOTICE),
	};
	g_autoptr(GError) wrong = NULL;

	if (!privacy_notice_set(work->db, &notice, &wrong))
		log_error("privacy.notice", wrong);
}

Work *
work_open(const Settings *settings, WorkNeeds needs, GError **error)
{
	g_autoptr(Work) work = g_new0(Work, 1);

	work->settings = settings;
	work->owner = owner_name();
	work->logos = logos_new();
	work_kinds_set(settings);
	work->zone = zone_open(settings_text(settings, SET_TIMEZONE), error);
	if (!remote_backend_check(settings, error) || work->zone == NULL ||
	    !open_store(work, needs & WORK_UNMIGRATED, error) ||
	    ((needs & WORK_KEYS) && !open_keys(work, error)) ||
	    ((needs & WORK_TEXTS) && !open_texts(work, error)) ||
	    ((needs & WORK_FONTS) && !open_fonts(work, error)))
		return NULL;
	if (!(needs & WORK_UNMIGRATED))
		put_notice(work);
	fill_issue(work);
	return g_steal_pointer(&work);
}

void
work_close(Work *work)
{
	if (work == NULL)
		return;
	db_close(work->db);
	connector_close(work->issuer);
	connector_close(work->portal);
	connector_close(work->reports);
	vault_close(work->vault);
	tmpl_set_close(work->templates);
	font_set_free(work->fonts);
	logos_free(work->logos);
	if (work->zone != NULL)
		g_time_zone_unref(work->zone);
	g_free(work->owner);
	g_free(work);
}
