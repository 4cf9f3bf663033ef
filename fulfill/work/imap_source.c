/*
 * imap_source.c - list, fetch, store, commit, mark.
 */
#include "fulfill/work/imap_source.h"

#include <poll.h>
#include <string.h>

#include "fulfill/domain/mail_in.h"
#include "fulfill/work/log.h"
#include "fulfill/work/submit.h"
#include "mailer/imap.h"
#include "queue/clock.h"
#include "queue/fault.h"
#include "queue/limits.h"

#define PAUSE_FIRST_S 5
#define PAUSE_LONGEST_S 300
/* IDLE may be silent although mail has come; without IDLE this is how often we look. */
#define LOOK_ANYWAY_S 540
#define LOOK_WITHOUT_IDLE_S 60

static Imap *
open_box(const Work *work, GError **error)
{
	const Settings *s = work->settings;
	ImapSettings settings = {
		.url = settings_text(s, SET_INTAKE_IMAP),
		.mailbox = settings_text(s, SET_INTAKE_IMAP_BOX),
		.done_mailbox = settings_text(s, SET_INTAKE_IMAP_DONE),
		.ca_file = settings_text(s, SET_INTAKE_IMAP_CA),
		.user = vault_secret(work->vault, "imap", "user"),
		.password = vault_secret(work->vault, "imap", "password"),
		.token = vault_secret(work->vault, "imap", "token"),
	};

	return imap_open(&settings, error);
}

/* What the mailbox is called in the store. */
static char *
box_name(const Work *work)
{
	return g_strdup_printf("%s %s", settings_text(work->settings, SET_INTAKE_IMAP),
	    settings_text(work->settings, SET_INTAKE_IMAP_BOX));
}

/* Stores one mail and where we are, in one transaction. */
static bool
store(Work *work, const MailBoxMark *mark, GBytes *bytes, const char *problem,
    GError **error)
{
	g_autofree char *ref =
	    g_strdup_printf("%u/%u", mark->uidvalidity, mark->taken_uid);
	MailInNew mail = { .source = "imap", .ref = ref, .problem = problem };
	g_auto(DbTx) tx = DB_TX_INIT;
	int64_t id;

	if (bytes != NULL)
		mail.bytes = g_bytes_get_data(bytes, &mail.size);
	if (bytes != NULL && mail.size == 0)
		mail.problem = "the mail is empty";
	return db_begin(work->db, DB_WRITE, &tx, error) &&
	       ((bytes == NULL && problem == NULL) ||
		   mail_in_add(&tx, work->vault, &mail, &id, error) >= 0) &&
	       mail_box_put(&tx, mark, error) && db_commit(&tx, error);
}

static bool
take(Work *work, Imap *imap, const ImapItem *item, MailBoxMark *mark, GError **error)
{
	g_autoptr(GBytes) bytes = NULL;
	g_autofree char *problem = NULL;

	if (item->size_bytes > LIMIT_INTAKE_BYTES)
		problem =
		    g_strdup_printf("it has %u bytes, more than %d: left on the server",
			item->size_bytes, LIMIT_INTAKE_BYTES);
	else if (imap_fetch(imap, item->uid, &bytes, error) < 0)
		return false;
	mark->taken_uid = item->uid;
	return store(work, mark, bytes, problem, error);
}

static bool
note_done(Work *work, const MailBoxMark *mark, GError **error)
{
	g_auto(DbTx) tx = DB_TX_INIT;

	return db_begin(work->db, DB_WRITE, &tx, error) &&
	       mail_box_put(&tx, mark, error) && db_commit(&tx, error);
}

/* All that is new. */
static bool
sync_box(Work *work, Imap *imap, int *ret_n, GError **error)
{
	g_autofree char *name = box_name(work);
	MailBoxMark mark = { .name = name, .uidvalidity = imap_uidvalidity(imap) };
	g_autoptr(GArray) items = NULL;

	/* Another UIDVALIDITY: every UID starts over, and mails are known by their bytes.
	 */
	if (!mail_box_get(work->db, &mark, error) || !submit_check_disk(work, error))
		return false;
	items = imap_list(imap, mark.done_uid, error);
	if (items == NULL)
		return false;
	for (guint i = 0; i < items->len; i++) {
		const ImapItem *item = &g_array_index(items, ImapItem, i);

		if (item->uid > mark.taken_uid) {
			if (!take(work, imap, item, &mark, error))
				return false;
			(*ret_n)++;
		}
		FAULT("imap.stored");
		if (!imap_done(imap, item->uid, error))
			return false;
		mark.done_uid = item->uid;
	}
	return items->len == 0 || note_done(work, &mark, error);
}

/* Is it the server's trouble, to be tried again, and not ours? */
static bool
is_theirs(Imap *imap, const GError *error)
{
	return imap == NULL || !imap_is_alive(imap) ||
	       g_error_matches(error, TP_ERROR, TP_ERROR_REFUSED);
}

bool
imap_source_once(Work *work, int *ret_n, GError **error)
{
	g_autoptr(GError) wrong = NULL;
	g_autoptr(Imap) imap = NULL;

	*ret_n = 0;
	if (settings_text(work->settings, SET_INTAKE_IMAP) == NULL)
		return true;
	imap = open_box(work, &wrong);
	if (imap != NULL && sync_box(work, imap, ret_n, &wrong))
		return true;
	if (!is_theirs(imap, wrong)) {
		g_propagate_error(error, g_steal_pointer(&wrong));
		return false;
	}
	log_error("imap.failed", wrong);
	return true;
}

bool
imap_source_probe(Work *work, GError **error)
{
	g_autoptr(Imap) imap = open_box(work, error);

	return imap != NULL;
}

/* false: woken. */
static bool
pause_s(int seconds, int wake_fd)
{
	struct pollfd wait = { .fd = wake_fd, .events = POLLIN };

	return poll(&wait, 1, seconds * 1000) <= 0;
}

static bool
is_woken(int wake_fd)
{
	return !pause_s(0, wake_fd);
}

/* One connection, until it breaks or somebody wakes us. */
static bool
serve(Work *work, Imap *imap, int wake_fd, GError **error)
{
	while (!is_woken(wake_fd)) {
		int n = 0;

		if (!sync_box(work, imap, &n, error) ||
		    imap_wait(imap,
			imap_has_idle(imap) ? LOOK_ANYWAY_S : LOOK_WITHOUT_IDLE_S,
			wake_fd, error) < 0)
			return false;
	}
	return true;
}

bool
imap_source_watch(Work *work, int wake_fd, GError **error)
{
	int seconds = PAUSE_FIRST_S;

	while (!is_woken(wake_fd)) {
		g_autoptr(GError) wrong = NULL;
		g_autoptr(Imap) imap = open_box(work, &wrong);

		if (imap != NULL) {
			seconds = PAUSE_FIRST_S;
			if (serve(work, imap, wake_fd, &wrong))
				return true;
		}
		if (!is_theirs(imap, wrong) &&
		    !g_error_matches(wrong, TP_ERROR, TP_ERROR_BUSY) &&
		    !g_error_matches(wrong, TP_ERROR, TP_ERROR_IO)) {
			g_propagate_error(error, g_steal_pointer(&wrong));
			return false;
		}
		log_error("imap.failed", wrong);
		if (!pause_s(seconds, wake_fd))
			return true;
		seconds = MIN(seconds * 2, PAUSE_LONGEST_S);
	}
	return true;
}
