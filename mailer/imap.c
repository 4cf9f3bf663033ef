/*
 * imap.c - libetpan's IMAP verbs over imap_bridge.c.
 */
#include "mailer/imap.h"

#include <libetpan/libetpan.h>
#include <poll.h>
#include <string.h>

#include "mailer/imap_bridge.h"
#include "queue/clock.h"
#include "queue/limits.h"

/* Some middle boxes and Microsoft 365 forget a silent connection after ten minutes; RFC
 * 2177 allows 29. */
#define IDLE_S 540

/* UIDs asked for in one FETCH: a command line stays below 8 KiB. */
#define CHUNK 500

struct Imap {
	ImapBridge *bridge;
	mailimap *session;
	char *mailbox;
	char *done_mailbox;
	uint32_t uidvalidity;
	bool has_idle, has_move, has_uidplus;
	bool dead;
};

/* ---- results ---- */

/* Did the server understand, and say NO?  There is a code for each verb.  (After BAD it
 * did not understand, and libetpan cannot tell where it stands.) */
static bool
is_refusal(int rc)
{
	return (rc >= MAILIMAP_ERROR_APPEND && rc <= MAILIMAP_ERROR_UNSUBSCRIBE) ||
	       rc == MAILIMAP_ERROR_EXTENSION;
}

/*
 * What a return code of libetpan means.  Anything but a clear answer leaves the
 * connection in the middle of something: it is dead.  true: fine.
 */
static bool
check(Imap *imap, int rc, const char *what, GError **error)
{
	const char *why = imap_bridge_why(imap->bridge);
	const char *said = imap->session->imap_response;

	if (why == NULL &&
	    (rc == MAILIMAP_NO_ERROR || rc == MAILIMAP_NO_ERROR_AUTHENTICATED ||
		rc == MAILIMAP_NO_ERROR_NON_AUTHENTICATED))
		return true;
	if (why != NULL || !is_refusal(rc)) {
		imap->dead = true;
		if (why != NULL && strstr(why, "silent") != NULL)
			return err_set(error, TP_ERROR_TIMEOUT, "IMAP %s: %s", what, why);
		return err_set(error, TP_ERROR_IO, "IMAP %s: %s", what,
		    why != NULL ? why : "the server's answer cannot be read");
	}
	return err_set(error, TP_ERROR_REFUSED, "IMAP %s: the server refused: %.200s",
	    what, said == NULL ? "" : said);
}

static bool
begin(Imap *imap, const char *what, GError **error)
{
	if (imap->dead)
		return err_set(
		    error, TP_ERROR_IO, "IMAP %s: the connection is gone", what);
	imap_bridge_command(imap->bridge);
	return true;
}

/* ---- opening ---- */

static bool
select_mailbox(Imap *imap, GError **error)
{
	const struct mailimap_selection_info *info;
	int rc;

	if (!begin(imap, "SELECT", error))
		return false;
	rc = mailimap_select(imap->session, imap->mailbox);
	if (rc == MAILIMAP_ERROR_SELECT && imap_bridge_why(imap->bridge) == NULL)
		return err_set(error, TP_ERROR_NOT_FOUND, "IMAP mailbox '%s': %.200s",
		    imap->mailbox,
		    imap->session->imap_response == NULL ? "cannot be selected"
							 : imap->session->imap_response);
	if (!check(imap, rc, "SELECT", error))
		return false;
	info = imap->session->imap_selection_info;
	if (info == NULL || info->sel_uidvalidity == 0)
		return err_set(error, TP_ERROR_CONFIG,
		    "IMAP mailbox '%s': the server gives no UIDVALIDITY", imap->mailbox);
	imap->uidvalidity = info->sel_uidvalidity;
	return true;
}

static bool
start_session(Imap *imap, GError **error)
{
	struct mailimap_capability_data *capability = NULL;

	if (!check(imap,
		mailimap_connect(imap->session, imap_bridge_stream(imap->bridge)),
		"greeting", error))
		return false;
	if (!begin(imap, "CAPABILITY", error) ||
	    !check(imap, mailimap_capability(imap->session, &capability), "CAPABILITY",
		error))
		return false;
	mailimap_capability_data_free(capability);
	imap->has_idle = mailimap_has_idle(imap->session);
	imap->has_uidplus = mailimap_has_uidplus(imap->session);
	imap->has_move = mailimap_has_extension(imap->session, "MOVE");
	return select_mailbox(imap, error);
}

Imap *
imap_open(const ImapSettings *settings, GError **error)
{
	g_autoptr(Imap) imap = g_new0(Imap, 1);

	imap->mailbox = g_strdup(settings->mailbox != NULL ? settings->mailbox : "INBOX");
	imap->done_mailbox = g_strdup(settings->done_mailbox);
	imap->bridge = imap_bridge_open(settings, error);
	if (imap->bridge == NULL) {
		g_prefix_error(error, "IMAP server '%s': ", settings->url);
		return NULL;
	}
	imap->session = mailimap_new(0, NULL);
	if (imap->session == NULL) {
		err_set(error, TP_ERROR_IO, "libetpan has no memory");
		return NULL;
	}
	if (!start_session(imap, error))
		return NULL;
	return g_steal_pointer(&imap);
}

void
imap_close(Imap *imap)
{
	if (imap == NULL)
		return;
	if (imap->session != NULL) {
		/* A polite end only where somebody listens. */
		if (!imap->dead && imap->session->imap_stream != NULL) {
			imap_bridge_command(imap->bridge);
			(void)mailimap_logout(imap->session);
		}
		mailimap_free(imap->session);
	}
	imap_bridge_close(imap->bridge);
	g_free(imap->mailbox);
	g_free(imap->done_mailbox);
	g_free(imap);
}

uint32_t
imap_uidvalidity(const Imap *imap)
{
	return imap->uidvalidity;
}

bool
imap_is_alive(const Imap *imap)
{
	return !imap->dead;
}

bool
imap_has_idle(const Imap *imap)
{
	return imap->has_idle;
}

/* ---- reading ---- */

static int
by_uid(const void *a, const void *b)
{
	uint32_t left = ((const ImapItem *)a)->uid;
	uint32_t right = ((const ImapItem *)b)->uid;

	return left < right ? -1 : left > right;
}

static bool
search(Imap *imap, uint32_t after_uid, GArray *items, GError **error)
{
	clist *keys = clist_new();
	clist *found = NULL;
	struct mailimap_search_key *key;
	guint kept = 0;
	int rc;

	clist_append(keys,
	    mailimap_search_key_new_uid(mailimap_set_new_interval(after_uid + 1, 0)));
	clist_append(
	    keys, mailimap_search_key_new(MAILIMAP_SEARCH_KEY_UNDELETED, NULL, NULL, NULL,
		      NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0,
		      NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL));
	key = mailimap_search_key_new_multiple(keys);
	rc = mailimap_uid_search(imap->session, NULL, key, &found);
	mailimap_search_key_free(key);
	if (!check(imap, rc, "UID SEARCH", error))
		return false;
	for (clistiter *at = clist_begin(found); at != NULL; at = clist_next(at)) {
		ImapItem item = { .uid = *(uint32_t *)clist_content(at) };

		/* "n:*" names the last mail even when its UID is below n. */
		if (item.uid > after_uid)
			g_array_append_val(items, item);
	}
	mailimap_search_result_free(found);
	g_array_sort(items, by_uid);
	/* Each once: removing one by one from a long list would be quadratic. */
	for (guint i = 0; i < items->len; i++)
		if (kept == 0 || g_array_index(items, ImapItem, i).uid !=
				     g_array_index(items, ImapItem, kept - 1).uid)
			g_array_index(items, ImapItem, kept++) =
			    g_array_index(items, ImapItem, i);
	g_array_set_size(items, kept);
	if (items->len > LIMIT_IMAP_LISTING)
		g_array_set_size(items, LIMIT_IMAP_LISTING);
	return true;
}

/* What one FETCH reply says; absent numbers are 0. */
typedef struct Attributes {
	uint32_t uid;
	uint32_t size_bytes;
	const char *body;
	size_t body_length;
} Attributes;

static Attributes
attributes_of(const struct mailimap_msg_att *reply)
{
	Attributes found = { 0 };

	for (clistiter *at = clist_begin(reply->att_list); at != NULL;
	     at = clist_next(at)) {
		const struct mailimap_msg_att_item *item = clist_content(at);
		const struct mailimap_msg_att_static *fixed;

		if (item->att_type != MAILIMAP_MSG_ATT_ITEM_STATIC)
			continue;
		fixed = item->att_data.att_static;
		if (fixed->att_type == MAILIMAP_MSG_ATT_UID) {
			found.uid = fixed->att_data.att_uid;
		} else if (fixed->att_type == MAILIMAP_MSG_ATT_RFC822_SIZE) {
			found.size_bytes = fixed->att_data.att_rfc822_size;
		} else if (fixed->att_type == MAILIMAP_MSG_ATT_BODY_SECTION) {
			found.body = fixed->att_data.att_body_section->sec_body_part;
			found.body_length = fixed->att_data.att_body_section->sec_length;
		}
	}
	return found;
}

static void
set_size(GArray *items, Attributes found)
{
	ImapItem wanted = { .uid = found.uid };
	guint at;

	if (g_array_binary_search(items, &wanted, by_uid, &at))
		g_array_index(items, ImapItem, at).size_bytes = found.size_bytes;
}

/* RFC822.SIZE of the items [from, to). */
static bool
fetch_sizes(Imap *imap, GArray *items, guint from, guint to, GError **error)
{
	struct mailimap_set *set = mailimap_set_new_empty();
	struct mailimap_fetch_type *type =
	    mailimap_fetch_type_new_fetch_att(mailimap_fetch_att_new_rfc822_size());
	clist *replies = NULL;
	int rc;

	for (guint i = from; i < to; i++)
		mailimap_set_add_single(set, g_array_index(items, ImapItem, i).uid);
	imap_bridge_command(imap->bridge);
	rc = mailimap_uid_fetch(imap->session, set, type, &replies);
	mailimap_set_free(set);
	mailimap_fetch_type_free(type);
	if (!check(imap, rc, "UID FETCH RFC822.SIZE", error))
		return false;
	for (clistiter *at = clist_begin(replies); at != NULL; at = clist_next(at))
		set_size(items, attributes_of(clist_content(at)));
	mailimap_fetch_list_free(replies);
	return true;
}

GArray *
imap_list(Imap *imap, uint32_t after_uid, GError **error)
{
	g_autoptr(GArray) items = g_array_new(FALSE, TRUE, sizeof(ImapItem));

	if (!begin(imap, "UID SEARCH", error))
		return NULL;
	if (after_uid == UINT32_MAX)
		return g_steal_pointer(&items);
	if (!search(imap, after_uid, items, error))
		return NULL;
	for (guint from = 0; from < items->len; from += CHUNK)
		if (!fetch_sizes(imap, items, from, MIN(from + CHUNK, items->len), error))
			return NULL;
	return g_steal_pointer(&items);
}

int
imap_fetch(Imap *imap, uint32_t uid, GBytes **ret, GError **error)
{
	struct mailimap_set *set;
	struct mailimap_fetch_type *type;
	clist *replies = NULL;
	int found_one = 0;
	int rc;

	if (!begin(imap, "UID FETCH", error))
		return -1;
	set = mailimap_set_new_single(uid);
	type = mailimap_fetch_type_new_fetch_att(
	    mailimap_fetch_att_new_body_peek_section(mailimap_section_new(NULL)));
	rc = mailimap_uid_fetch(imap->session, set, type, &replies);
	mailimap_set_free(set);
	mailimap_fetch_type_free(type);
	if (!check(imap, rc, "UID FETCH BODY.PEEK[]", error))
		return -1;
	for (clistiter *at = clist_begin(replies); at != NULL; at = clist_next(at)) {
		Attributes found = attributes_of(clist_content(at));

		/* News of other mails may come in between. */
		if (found.body == NULL || found.uid != uid || found_one == 1)
			continue;
		*ret = g_bytes_new(found.body, found.body_length);
		found_one = 1;
	}
	mailimap_fetch_list_free(replies);
	return found_one;
}

/* ---- finishing ---- */

static bool
store_flag(Imap *imap, uint32_t uid, struct mailimap_flag *flag, const char *what,
    GError **error)
{
	struct mailimap_flag_list *flags = mailimap_flag_list_new_empty();
	struct mailimap_set *set = mailimap_set_new_single(uid);
	struct mailimap_store_att_flags *store;
	int rc;

	mailimap_flag_list_add(flags, flag);
	store = mailimap_store_att_flags_new_add_flags_silent(flags);
	imap_bridge_command(imap->bridge);
	rc = mailimap_uid_store(imap->session, set, store);
	mailimap_store_att_flags_free(store);
	mailimap_set_free(set);
	return check(imap, rc, what, error);
}

static int
move_or_copy(Imap *imap, const struct mailimap_set *set)
{
	imap_bridge_command(imap->bridge);
	if (imap->has_move)
		return mailimap_uid_move(
		    imap->session, (struct mailimap_set *)set, imap->done_mailbox);
	return mailimap_uid_copy(
	    imap->session, (struct mailimap_set *)set, imap->done_mailbox);
}

/* MOVE (RFC 6851), or COPY, \Deleted and UID EXPUNGE (RFC 4315).  Without UIDPLUS the
 * mail stays marked as deleted: a plain EXPUNGE would take others along. */
static bool
move(Imap *imap, uint32_t uid, GError **error)
{
	struct mailimap_set *set = mailimap_set_new_single(uid);
	int rc = move_or_copy(imap, set);
	bool done;

	if (imap_bridge_why(imap->bridge) == NULL &&
	    (rc == MAILIMAP_ERROR_COPY || rc == MAILIMAP_ERROR_UID_COPY ||
		rc == MAILIMAP_ERROR_MOVE || rc == MAILIMAP_ERROR_UID_MOVE)) {
		/* Most likely [TRYCREATE]; if not, the second refusal says why. */
		imap_bridge_command(imap->bridge);
		(void)mailimap_create(imap->session, imap->done_mailbox);
		rc = move_or_copy(imap, set);
	}
	done = check(imap, rc, "move", error);
	if (done && !imap->has_move) {
		done = store_flag(
		    imap, uid, mailimap_flag_new_deleted(), "mark as deleted", error);
		if (done && imap->has_uidplus) {
			imap_bridge_command(imap->bridge);
			done = check(imap, mailimap_uid_expunge(imap->session, set),
			    "UID EXPUNGE", error);
		}
	}
	mailimap_set_free(set);
	return done;
}

bool
imap_done(Imap *imap, uint32_t uid, GError **error)
{
	if (!begin(imap, "done", error))
		return false;
	if (!store_flag(imap, uid, mailimap_flag_new_seen(), "mark as seen", error))
		return false;
	return imap->done_mailbox == NULL || move(imap, uid, error);
}

/* ---- waiting ---- */

static bool
noop(Imap *imap, GError **error)
{
	imap_bridge_command(imap->bridge);
	return check(imap, mailimap_noop(imap->session), "NOOP", error);
}

static int
wait_without_idle(Imap *imap, int timeout_s, int wake_fd, GError **error)
{
	uint32_t before = imap->session->imap_selection_info->sel_exists;
	struct pollfd wait = { .fd = wake_fd, .events = POLLIN };

	if (poll(&wait, wake_fd < 0 ? 0 : 1, timeout_s * 1000) > 0)
		return 0;
	if (!noop(imap, error))
		return -1;
	return imap->session->imap_selection_info->sel_exists != before;
}

int
imap_wait(Imap *imap, int timeout_s, int wake_fd, GError **error)
{
	int seconds = CLAMP(timeout_s, 0, IDLE_S);
	int news;

	if (!begin(imap, "IDLE", error))
		return -1;
	if (!imap->has_idle)
		return wait_without_idle(imap, seconds, wake_fd, error);
	if (!check(imap, mailimap_idle(imap->session), "IDLE", error))
		return -1;
	/* What came together with the "+" lies in libetpan's buffer already. */
	news = imap->session->imap_stream->read_buffer_len > 0
		   ? 1
		   : imap_bridge_wait(imap->bridge, wake_fd, seconds * 1000);
	imap_bridge_command(imap->bridge);
	if (!check(imap, mailimap_idle_done(imap->session), "DONE", error))
		return -1;
	return news;
}
