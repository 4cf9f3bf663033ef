/*
 * report_send.c - due reports, one at a time.
 */
#include "fulfill/work/report_send.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

#include "fulfill/domain/mail_letter.h"
#include "fulfill/domain/report_sent.h"
#include "fulfill/domain/setting.h"
#include "fulfill/domain/rights_store.h"
#include "fulfill/domain/schedule.h"
#include "fulfill/domain/user.h"
#include "fulfill/work/log.h"
#include "fulfill/work/report_push.h"
#include "queue/clock.h"
#include "queue/fault.h"
#include "queue/limits.h"
#include "queue/out.h"

#define RETRY_US (15 * 60 * US_PER_S)
/* base64 makes four bytes of three; what is larger belongs into the folder. */
#define PARTS_BYTES_MAX (LIMIT_MAIL_BYTES / 2)

typedef struct File {
	char *name;
	const char *format;
	const char *mime;
	GString *bytes;
} File;

typedef struct Sending {
	Work *work;
	ReportId id;
	const StatementParty *party; /* or NULL */
	Day day;
	char *key;
	char *period;
	const char *to; /* address; NULL: none */
	GPtrArray *files;
	StatementSums sums;
} Sending;

static void
file_free(gpointer data)
{
	File *file = data;

	g_free(file->name);
	g_string_free(file->bytes, TRUE);
	g_free(file);
}

static void
sending_done(Sending *s)
{
	g_free(s->key);
	g_free(s->period);
	if (s->files != NULL)
		g_ptr_array_unref(s->files);
	statement_sums_clear(&s->sums);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Sending, sending_done)

/* The rights of whoever set this up are asked when it runs: they may have gone. */
static bool
check_owner(Work *work, GError **error)
{
	const char *who = settings_text(work->settings, SET_REPORT_OWNER);
	g_autoptr(User) user = NULL;
	g_autoptr(Rights) rights = NULL;

	if (who == NULL)
		return true;
	user = user_resolve(work->db, who, error);
	if (user == NULL) {
		g_prefix_error(error, "[report] owner: ");
		return false;
	}
	if (strcmp(user->party_kind, "vendor") != 0)
		return err_set(error, TP_ERROR_DENIED,
		    "[report] owner '%s' is a user of %s, not of the vendor", who,
		    user->party);
	rights = rights_of(work->db, (RightsWho){ .user_id = user->id }, error);
	if (rights == NULL)
		return false;
	return user->admin || rights_has_action(rights, RIGHT_EXPORT) ||
	       err_set(error, TP_ERROR_DENIED,
		   "[report] owner '%s' may not export any more", who);
}

static bool
make_file(Sending *s, const char *format, GError **error)
{
	ReportWish wish = {
		.id = s->id,
		.day = s->day,
		.party = s->party != NULL ? s->party->code : NULL,
		.format = format,
	};
	File *file;

	/* Lists are not set on paper. */
	if (strcmp(format, "pdf") == 0 && (s->id != REPORT_STATEMENT || s->party == NULL))
		return true;
	if (report_mime(format) == NULL)
		return err_set(error, TP_ERROR_CONFIG,
		    "[report] formats: '%s' is none of csv, json, xml, pdf, datev",
		    format);
	file = g_new0(File, 1);
	file->name = report_file_name(&wish);
	file->mime = report_mime(format);
	file->format = g_intern_string(format);
	file->bytes = g_string_new("");
	g_ptr_array_add(s->files, file);
	statement_sums_clear(&s->sums);
	s->sums = (StatementSums){ 0 };
	return report_make(
	    s->work, &wish, report_to_string, file->bytes, &s->sums, error);
}

static bool
make_files(Sending *s, GError **error)
{
	g_auto(GStrv) formats =
	    g_strsplit(settings_text(s->work->settings, SET_REPORT_FORMATS), ",", -1);

	s->files = g_ptr_array_new_with_free_func(file_free);
	for (char **f = formats; *f != NULL; f++)
		if (!make_file(s, g_strstrip(*f), error))
			return false;
	return true;
}

static bool
write_files(Sending *s, const char *folder, GError **error)
{
	if (g_mkdir_with_parents(folder, 0700) < 0)
		return err_errno(error, errno, "cannot make folder '%s'", folder);
	for (guint i = 0; i < s->files->len; i++) {
		const File *file = g_ptr_array_index(s->files, i);
		g_autofree char *path = g_build_filename(folder, file->name, NULL);
		g_autoptr(Out) out = out_open(path, error);

		if (out == NULL ||
		    !out_write(out, file->bytes->str, file->bytes->len, error) ||
		    !out_commit(out, error))
			return false;
	}
	return true;
}

static bool
push_files(Sending *s, GError **error)
{
	for (guint i = 0; i < s->files->len; i++) {
		const File *file = g_ptr_array_index(s->files, i);
		const ReportFile push = {
			.key = s->key,
			.report = report_get(s->id)->name,
			.period = s->period,
			.party = s->party != NULL ? s->party->code : NULL,
			.party_id = s->party != NULL ? s->party->id : 0,
			.name = file->name,
			.mime = file->mime,
			.format = file->format,
			.bytes = file->bytes,
		};

		if (!report_push(s->work, &push, error)) {
			g_prefix_error(error, "[report] connector: %s: ", file->name);
			return false;
		}
	}
	return true;
}

/* "mail,folder,service": how it went; "nothing". */
static char *
target_of(bool mail, bool folder, bool service)
{
	const struct {
		bool is;
		const char *name;
	} ways[] = { { mail, "mail" }, { folder, "folder" }, { service, "service" } };
	GString *text = g_string_new(NULL);

	for (size_t i = 0; i < G_N_ELEMENTS(ways); i++)
		if (ways[i].is)
			g_string_append_printf(
			    text, "%s%s", text->len > 0 ? "," : "", ways[i].name);
	if (text->len == 0)
		g_string_append(text, "nothing");
	return g_string_free(text, FALSE);
}

static int
plan_letter(Sending *s, DbTx *tx, int64_t *ret_id, GError **error)
{
	const StatementParty *party = s->party;
	const char *language = party != NULL && party->language != NULL
				   ? party->language
				   : s->work->issue.language;
	const Report *report = report_get(s->id);
	g_autofree LetterPart *parts = g_new0(LetterPart, s->files->len);
	g_autofree char *sum = statement_sums_format(&s->sums, language);
	g_autofree char *subject = g_strdup_printf("%s %s%s%s", report->name, s->period,
	    party != NULL ? " of " : "", party != NULL ? party->code : "");
	json_t *context =
	    letter_context(&s->work->issue, party != NULL ? party->name : NULL);
	json_t *own = json_pack("{s:s, s:s, s:I}", "title",
	    strcmp(language, "de") == 0 ? report->de : report->en, "period", s->period,
	    "rows", (json_int_t)s->sums.lines);
	Letter letter = {
		.text = "report",
		.context = context,
		.to_email = s->to,
		.language = language,
		.subject = subject,
		.key = s->key,
		.recurring = party != NULL,
		.parts = parts,
		.n_parts = s->files->len,
	};
	size_t bytes = 0;
	int planned;

	if (party != NULL)
		json_object_set_new(own, "party", json_string(party->code));
	if (*sum != '\0')
		json_object_set_new(own, "sum", json_string(sum));
	if (s->sums.closed)
		json_object_set_new(own, "closed", json_true());
	json_object_set_new(context, "report", own);
	for (guint i = 0; i < s->files->len; i++) {
		const File *file = g_ptr_array_index(s->files, i);

		parts[i] = (LetterPart){ file->mime, file->name, file->bytes->str,
			file->bytes->len };
		bytes += file->bytes->len;
	}
	if (bytes > PARTS_BYTES_MAX) {
		json_decref(context);
		return err_set_int(error, TP_ERROR_INVALID,
		    "%zu bytes are too many for a mail: set [report] folder", bytes);
	}
	planned = mail_letter_plan(tx, &letter, ret_id, error);
	json_decref(context);
	return planned;
}

static bool
close_statement(Sending *s, GError **error)
{
	Work *work = s->work;
	Day today = day_today(work->zone);
	g_auto(DbTx) tx = DB_TX_INIT;

	if (s->id != REPORT_STATEMENT || s->party == NULL ||
	    settings_number(work->settings, SET_REPORT_CLOSE) == 0 ||
	    day_cmp(today, day_month_last(s->day)) <= 0)
		return true;
	return db_begin(work->db, DB_WRITE, &tx, error) &&
	       statement_close(
		   &tx, s->party, s->day, today, work->issue.language, error) >= 0 &&
	       db_commit(&tx, error);
}

/* 1: it went out; 0: nothing to tell. */
static int
send_now(Sending *s, GError **error)
{
	Work *work = s->work;
	const char *folder = settings_text(work->settings, SET_REPORT_FOLDER);
	bool mail = settings_number(work->settings, SET_REPORT_MAIL) != 0;
	bool service = report_push_is_on(work);
	g_auto(DbTx) tx = DB_TX_INIT;
	g_autofree char *target = NULL;
	ReportSent sent = {
		.key = s->key,
		.report = report_get(s->id)->name,
		.period = s->period,
		.party_id = s->party != NULL ? s->party->id : 0,
		.done = true,
	};
	bool nothing;

	if (!check_owner(work, error) || !close_statement(s, error) ||
	    !make_files(s, error))
		return -1;
	nothing = s->id == REPORT_STATEMENT && s->sums.lines == 0;
	if (!nothing && folder == NULL && !service && (!mail || s->to == NULL))
		return err_set_int(error, TP_ERROR_CONFIG,
		    "%s has no address to send it to, and neither [report] folder nor "
		    "connector is set",
		    s->party != NULL ? s->party->code : "[report] to");
	if (!nothing && ((folder != NULL && !write_files(s, folder, error)) ||
			    (service && !push_files(s, error))))
		return -1;
	FAULT("report.plan");
	if (!db_begin(work->db, DB_WRITE, &tx, error))
		return -1;
	if (!nothing && mail && s->to != NULL &&
	    plan_letter(s, &tx, &sent.mail_id, error) < 0)
		return -1;
	sent.target = target =
	    nothing ? g_strdup("nothing")
		    : target_of(sent.mail_id != 0, folder != NULL, service);
	if (!report_sent_put(&tx, &sent, error))
		return -1;
	FAULT("report.commit");
	if (!db_commit(&tx, error))
		return -1;
	return !nothing;
}

/* The owner is told once a day for each report that does not go out. */
static bool
tell_owner(Sending *s, const GError *wrong, GError **error)
{
	Work *work = s->work;
	const char *owner = settings_text(work->settings, SET_OWNER);
	char today[DAY_CHARS];
	g_autofree char *about =
	    g_strdup_printf("%s %s%s%s", report_get(s->id)->name, s->period,
		s->party != NULL ? " " : "", s->party != NULL ? s->party->code : "");
	g_autofree char *key = NULL;
	g_auto(DbTx) tx = DB_TX_INIT;
	ReportSent sent = {
		.key = s->key,
		.report = report_get(s->id)->name,
		.period = s->period,
		.party_id = s->party != NULL ? s->party->id : 0,
		.target = "nothing",
		.detail = wrong->message,
	};
	json_t *context;
	Letter letter = {
		.text = "report-failed",
		.to_email = owner,
		.language = work->issue.language,
		.subject = about,
		.null_sender = true,
	};
	int planned;

	key = g_strdup_printf(
	    "report-failed/%s/%s", s->key, day_format(day_today(work->zone), today));
	if (!db_begin(work->db, DB_WRITE, &tx, error) ||
	    !report_sent_put(&tx, &sent, error))
		return false;
	if (owner == NULL)
		return db_commit(&tx, error);
	context = letter_context(&work->issue, NULL);
	json_object_set_new(context, "about", json_string(about));
	json_object_set_new(context, "reason", json_string(wrong->message));
	letter.context = context;
	letter.key = key;
	planned = mail_letter_plan(&tx, &letter, NULL, error);
	json_decref(context);
	return planned >= 0 && db_commit(&tx, error);
}

static void
sending_init(Sending *s, Work *work, ReportId id, const StatementParty *party, Day day)
{
	const char *to = settings_text(work->settings, SET_REPORT_TO);

	*s = (Sending){ .work = work, .id = id, .party = party, .day = day };
	if (to == NULL)
		to = settings_text(work->settings, SET_OWNER);
	s->to = party != NULL ? party->email : to;
	s->period = report_period(id, day);
	s->key = g_strdup_printf("%s/%s/%" G_GINT64_FORMAT, report_get(id)->name,
	    s->period, party != NULL ? party->id : 0);
}

int
report_send(Work *work, ReportId id, const StatementParty *party, Day day, GError **error)
{
	g_auto(Sending) s = { 0 };
	g_autoptr(GError) wrong = NULL;
	g_autoptr(GError) worse = NULL;
	int sent;

	sending_init(&s, work, id, party, day);
	sent = report_sent_find(work->db, s.key, NULL, error);
	if (sent != 0)
		return sent < 0 ? -1 : 0;
	sent = send_now(&s, &wrong);
	if (sent >= 0) {
		if (sent == 1)
			log_event(LOG_INFO, "report.sent", "key", s.key, NULL);
		return sent;
	}
	log_error("report.failed", wrong);
	/* A store that is locked is not the report's fault. */
	if (!g_error_matches(wrong, TP_ERROR, TP_ERROR_BUSY) &&
	    !tell_owner(&s, wrong, &worse))
		log_error("report.alarm", worse);
	g_propagate_prefixed_error(error, g_steal_pointer(&wrong), "report %s: ", s.key);
	return -1;
}

bool
report_send_all(
    Work *work, ReportId id, const char *party, Day day, int *ret_n, GError **error)
{
	g_autoptr(GPtrArray) parties = NULL;
	int sent;

	*ret_n = 0;
	if (id != REPORT_STATEMENT) {
		sent = report_send(work, id, NULL, day, error);
		*ret_n = MAX(sent, 0);
		return sent >= 0;
	}
	parties = statement_parties(work->db, party, error);
	if (parties == NULL)
		return false;
	for (guint i = 0; i < parties->len; i++) {
		sent = report_send(work, id, g_ptr_array_index(parties, i), day, error);
		if (sent < 0)
			return false;
		*ret_n += sent;
	}
	return true;
}

/* ---- when ---- */

/* What is due: the day of the period, or 0. */
static int
due_day(Work *work, Day *ret_day, Occurrence *ret, GError **error)
{
	g_autofree char *since = NULL;
	g_autofree char *ran = NULL;
	ScheduleSpec spec = {
		.id = "reports",
		.rule = settings_text(work->settings, SET_REPORT_SCHEDULE),
		.at = settings_text(work->settings, SET_REPORT_AT),
		.zone = settings_text(work->settings, SET_TIMEZONE),
		.start_day = day_today(work->zone),
	};
	Day ran_day = DAY_MIN;
	g_autoptr(Schedule) schedule = NULL;
	int due;

	/* Nothing that was before reports were switched on is caught up. */
	due = setting_get(work->db, "report.since", &since, error);
	if (due < 0 || setting_get(work->db, "report.ran", &ran, error) < 0)
		return -1;
	if (due == 0) {
		char today[DAY_CHARS];
		g_auto(DbTx) tx = DB_TX_INIT;

		if (!db_begin(work->db, DB_WRITE, &tx, error) ||
		    !setting_put(
			&tx, "report.since", day_format(spec.start_day, today), error) ||
		    !db_commit(&tx, error))
			return -1;
	} else if (!day_parse(since, &spec.start_day, error)) {
		return -1;
	}
	if (ran != NULL && !day_parse(ran, &ran_day, error))
		return -1;
	schedule = schedule_new(&spec, error);
	if (schedule == NULL)
		return -1;
	due = schedule_due(schedule, ran_day, clock_now_at(), ret, error);
	if (due == 1)
		*ret_day = day_cmp(ret->rule_day, day_month_last(ret->rule_day)) == 0
			       ? ret->rule_day
			       : day_add_days(day_month_first(ret->rule_day), -1);
	return due;
}

/* Sends the first report of the list that has not gone out.  1: it did.  0: all have; or
 * wait (*ret_waits). */
static int
send_next(Work *work, const char *name, Day day, bool *ret_waits, GError **error)
{
	g_autoptr(GPtrArray) parties = NULL;
	ReportId id;
	guint n = 1;

	if (!report_from_name(name, &id))
		return err_set_int(error, TP_ERROR_CONFIG,
		    "[report] send: '%s' is none of licences, subscriptions, statement, "
		    "nfr",
		    name);
	if (id == REPORT_STATEMENT) {
		parties = statement_parties(work->db, NULL, error);
		if (parties == NULL)
			return -1;
		n = parties->len;
	}
	for (guint i = 0; i < n; i++) {
		const StatementParty *party =
		    parties != NULL ? g_ptr_array_index(parties, i) : NULL;
		g_auto(Sending) s = { 0 };
		int64_t failed_at;
		int done;

		sending_init(&s, work, id, party, day);
		done = report_sent_find(work->db, s.key, &failed_at, error);
		if (done < 0)
			return -1;
		if (done == 1)
			continue;
		if (failed_at + RETRY_US > clock_now_at()) {
			*ret_waits = true;
			continue;
		}
		done = report_send(work, id, party, day, NULL);
		*ret_waits = *ret_waits || done < 0;
		return 1;
	}
	return 0;
}

bool
chore_reports(Work *work, bool *ret_more, GError **error)
{
	const char *list = settings_text(work->settings, SET_REPORT_SEND);
	g_auto(GStrv) names = NULL;
	g_auto(DbTx) tx = DB_TX_INIT;
	Occurrence occurrence;
	bool waits = false;
	char day[DAY_CHARS];
	Day about;
	int due;

	*ret_more = false;
	if (list == NULL)
		return true;
	due = due_day(work, &about, &occurrence, error);
	if (due <= 0)
		return due == 0;
	names = g_strsplit(list, ",", -1);
	for (char **name = names; *name != NULL; name++) {
		int sent = send_next(work, g_strstrip(*name), about, &waits, error);

		if (sent < 0)
			return false;
		if (sent == 1) {
			*ret_more = true;
			return true;
		}
	}
	if (waits)
		return true;
	return db_begin(work->db, DB_WRITE, &tx, error) &&
	       setting_put(&tx, "report.ran", day_format(occurrence.day, day), error) &&
	       db_commit(&tx, error);
}
