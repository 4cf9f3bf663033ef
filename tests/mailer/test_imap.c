/*
 * test_imap.c - each mail once, none lost, and no server hurts.
 *
 * Against a scripted server (tests/support/fake_imapd.py) and against Dovecot.
 */
#include "tests/support/cm.h"

#include <string.h>
#include <unistd.h>

#include "mailer/imap.h"
#include "queue/clock.h"
#include "queue/limits.h"
#include "tests/support/fake_imapd.h"

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/lsan_interface.h>
#define LEAKS_OFF(when) ((when) ? __lsan_disable() : (void)0)
#define LEAKS_ON(when) ((when) ? __lsan_enable() : (void)0)
#else
#define LEAKS_OFF(when) (void)0
#define LEAKS_ON(when) (void)0
#endif

static FakeImapd *fake;

static int
set_up_fake(void **state)
{
	(void)state;
	if (fake == NULL)
		fake = fake_imapd_start();
	return 0;
}

static int
tear_down_fake(void **state)
{
	(void)state;
	fake_imapd_stop(fake);
	fake = NULL;
	return 0;
}

typedef struct Client {
	ImapSettings settings;
	char *url;
	char *ca_file;
} Client;

static void
client_clear(Client *c)
{
	g_free(c->url);
	g_free(c->ca_file);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Client, client_clear)

static void
client_init(Client *c, const char *scheme, int port, const char *folder)
{
	c->url = g_strdup_printf("%s://127.0.0.1:%d/", scheme, port);
	c->ca_file = g_build_filename(folder, "ca.pem", NULL);
	c->settings = (ImapSettings){
		.url = c->url,
		.user = "orders",
		.password = "s3cret",
		.ca_file = c->ca_file,
		.timeout_s = 20,
	};
}

static void
client_for(Client *c, const char *row)
{
	static const char *const plain[] = { "starttls", "no-starttls",
		"starttls-refused", "starttls-injected" };
	bool is_plain = false;

	for (size_t i = 0; i < G_N_ELEMENTS(plain); i++)
		is_plain |= strcmp(row, plain[i]) == 0;
	client_init(
	    c, is_plain ? "imap" : "imaps", fake_imapd_port(fake, row), fake->folder);
}

static Imap *
open_row(const char *row)
{
	g_auto(Client) c = { 0 };
	g_autoptr(GError) error = NULL;
	Imap *imap;

	client_for(&c, row);
	if (strstr(row, "silence") != NULL)
		c.settings.timeout_s = 3; /* the handshake has to fit as well */
	imap = imap_open(&c.settings, &error);
	assert_no_error(error);
	assert_non_null(imap);
	return imap;
}

static bool
heard(const char *row, const char *line)
{
	g_autofree char *talk = fake_imapd_talk(fake, row);

	return strstr(talk, line) != NULL;
}

/* ---- the usual way ---- */

static void
mails_are_listed_fetched_and_marked(void **state)
{
	g_autoptr(Imap) imap = open_row("usual");
	g_autoptr(GError) error = NULL;
	g_autoptr(GArray) items = imap_list(imap, 0, &error);
	g_autoptr(GArray) later = NULL;
	g_autoptr(GBytes) body = NULL;
	static const char second[] =
	    "From: a@b.example\r\nSubject: two\r\n\r\nse\0cond ({\"\r\n";

	(void)state;
	assert_no_error(error);
	assert_int_equal(imap_uidvalidity(imap), 7);
	assert_true(imap_has_idle(imap));
	assert_int_equal(items->len, 3);
	assert_int_equal(g_array_index(items, ImapItem, 1).uid, 5);
	assert_int_equal(
	    g_array_index(items, ImapItem, 1).size_bytes, sizeof(second) - 1);
	assert_int_equal(imap_fetch(imap, 5, &body, &error), 1);
	assert_int_equal(g_bytes_get_size(body), sizeof(second) - 1);
	assert_memory_equal(g_bytes_get_data(body, NULL), second, sizeof(second) - 1);
	assert_true(imap_done(imap, 5, &error));
	later = imap_list(imap, 5, &error);
	assert_int_equal(later->len, 1);
	assert_int_equal(g_array_index(later, ImapItem, 0).uid, 9);
	assert_true(imap_is_alive(imap));
	g_clear_pointer(&imap, imap_close);

	/* Nothing is marked by reading, and nothing is asked that the server would parse.
	 */
	assert_true(heard("usual", "BODY.PEEK[]"));
	assert_false(heard("usual", "BODYSTRUCTURE"));
	assert_false(heard("usual", "ENVELOPE"));
	assert_true(heard("usual", "UID STORE 5 +FLAGS.SILENT (\\Seen)"));
	assert_false(heard("usual", "STORE 3"));
	assert_true(heard("usual", "LOGOUT"));
}

typedef struct MoveRow {
	const char *name;
	const char *row;
	const char *asked; /* of the server */
	const char *not_asked;
	TpError error; /* only when refused */
	bool moved;
} MoveRow;

/* clang-format off */
static const MoveRow moves[] = {
	{ "MOVE where there is one", "good", "UID MOVE 3 Done", "EXPUNGE", 0, true },
	{ "COPY and UID EXPUNGE else", "uidplus", "UID EXPUNGE 3", "UID MOVE", 0, true },
	{ "never a plain EXPUNGE", "poor", "UID STORE 3 +FLAGS.SILENT (\\Deleted)", "EXPUNGE", 0, true },
	{ "the mailbox is made", "move-trycreate", "CREATE Done", "EXPUNGE", 0, true },
	{ "a refusal is told", "move-no", "UID MOVE 3 Done", "\\Deleted", TP_ERROR_REFUSED, false },
};
/* clang-format on */

static void
finished_mail_is_moved(void **state)
{
	const MoveRow *row = *state;
	g_auto(Client) c = { 0 };
	g_autoptr(GError) error = NULL;
	g_autoptr(Imap) imap = NULL;

	(void)set_up_fake(NULL);
	client_for(&c, row->row);
	c.settings.done_mailbox = "Done";
	imap = imap_open(&c.settings, &error);
	assert_no_error(error);
	assert_int_equal(imap_done(imap, 3, &error), row->moved);
	if (!row->moved)
		assert_error(error, row->error);
	assert_true(imap_is_alive(imap));
	assert_true(heard(row->row, row->asked));
	assert_false(heard(row->row, row->not_asked));
}

static void
a_bearer_token_logs_in(void **state)
{
	g_auto(Client) right = { 0 };
	g_auto(Client) wrong = { 0 };
	g_autofree char *token = g_strnfill(900, 'x');
	g_autoptr(GError) error = NULL;
	g_autoptr(Imap) imap = NULL;

	(void)state;
	memcpy(token, "a-token-of-900-bytes", 20);
	client_for(&right, "bearer");
	right.settings.password = NULL;
	right.settings.token = token;
	imap = imap_open(&right.settings, &error);
	assert_no_error(error);
	assert_non_null(imap);
	client_for(&wrong, "bearer");
	wrong.settings.password = NULL;
	wrong.settings.token = "another";
	assert_null(imap_open(&wrong.settings, &error));
	assert_error(error, TP_ERROR_DENIED);
}

/* ---- opening ---- */

typedef struct OpenRow {
	const char *row; /* its name, too */
	TpError error;   /* OPENS: it opens */
	int seconds;
} OpenRow;

#define OPENS ((TpError)-1)

/* clang-format off */
static const OpenRow opens[] = {
	{ "starttls", OPENS, 0 },
	{ "no-starttls", TP_ERROR_CONFIG, 0 },
	{ "starttls-refused", TP_ERROR_CONFIG, 0 },
	{ "wrong-name", TP_ERROR_CONFIG, 0 },
	{ "expired", TP_ERROR_CONFIG, 0 },
	{ "unknown-ca", TP_ERROR_CONFIG, 0 },
	{ "greeting-bye", TP_ERROR_IO, 0 },
	{ "greeting-garbage", TP_ERROR_TIMEOUT, 1 },
	{ "greeting-silence", TP_ERROR_TIMEOUT, 1 },
	{ "login-no", TP_ERROR_DENIED, 0 },
	{ "login-cut", TP_ERROR_IO, 0 },
	{ "select-no", TP_ERROR_NOT_FOUND, 0 },
	{ "no-uidvalidity", TP_ERROR_CONFIG, 0 },
	{ "capability-cut", TP_ERROR_IO, 0 },
};
/* clang-format on */

static void
opening_tells_who_must_act(void **state)
{
	const OpenRow *row = *state;
	g_auto(Client) c = { 0 };
	g_autoptr(GError) error = NULL;
	g_autoptr(Imap) imap = NULL;

	(void)set_up_fake(NULL);
	client_for(&c, row->row);
	if (row->seconds > 0)
		c.settings.timeout_s = row->seconds;
	imap = imap_open(&c.settings, &error);
	if (row->error == OPENS) {
		assert_no_error(error);
		return;
	}
	assert_null(imap);
	assert_non_null(error);
	if (error->code != (int)row->error)
		fail_msg("%s: %s", tp_error_name(error), error->message);
	/* Without a verified connection no password leaves. */
	if (strstr(row->row, "login") == NULL && strstr(row->row, "cut") == NULL &&
	    strstr(row->row, "select") == NULL && strstr(row->row, "validity") == NULL)
		assert_false(heard(row->row, "AUTHENTICATE"));
}

static void
what_comes_before_tls_is_not_believed(void **state)
{
	g_auto(Client) c = { 0 };
	g_autoptr(GError) error = NULL;
	g_autoptr(Imap) imap = NULL;

	(void)state;
	client_for(&c, "starttls-injected");
	imap = imap_open(&c.settings, &error);
	/* libcurl either refuses, or starts over inside TLS and logs in there. */
	if (imap == NULL)
		assert_non_null(error);
	else
		assert_int_equal(imap_uidvalidity(imap), 7);
}

static void
bad_addresses_are_told(void **state)
{
	static const struct {
		const char *url;
		TpError error;
	} rows[] = {
		{ "http://127.0.0.1/", TP_ERROR_CONFIG },
		{ "file:///etc/passwd", TP_ERROR_CONFIG },
		{ "imaps://127.0.0.1:1/", TP_ERROR_IO },
		{ "imaps://no-such-host.invalid/", TP_ERROR_IO },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		const ImapSettings settings = { .url = rows[i].url, .timeout_s = 10 };
		g_autoptr(GError) error = NULL;

		assert_null(imap_open(&settings, &error));
		assert_error(error, rows[i].error);
		assert_non_null(strstr(error->message, rows[i].url));
	}
}

/* ---- hostile replies ---- */

typedef enum Verb { LIST, FETCH, DONE } Verb;

typedef struct HostileRow {
	const char *row;
	Verb verb;
	int result; /* of LIST: how many items; -1: an error */
	TpError error;
	bool alive;
} HostileRow;

/* clang-format off */
static const HostileRow hostile[] = {
	{ "search-none", LIST, 0, 0, true },
	{ "search-silent", LIST, 0, 0, true },
	{ "search-odd", LIST, 4, 0, true },
	/* libetpan folds the number; no mail has that UID, and none is fetched. */
	{ "search-huge-number", LIST, 2, 0, true },
	{ "search-no", LIST, -1, TP_ERROR_REFUSED, true },
	{ "search-nested", LIST, -1, TP_ERROR_IO, false },
	{ "size-none", LIST, 3, 0, true },
	{ "size-other", LIST, 3, 0, true },
	{ "size-huge", LIST, 3, 0, true },
	{ "body-gone", FETCH, 0, 0, true },
	{ "body-no", FETCH, -1, TP_ERROR_REFUSED, true },
	{ "body-bad", FETCH, -1, TP_ERROR_IO, false },
	{ "body-cut", FETCH, -1, TP_ERROR_IO, false },
	{ "body-cut-in-number", FETCH, -1, TP_ERROR_IO, false },
	{ "body-silence", FETCH, -1, TP_ERROR_TIMEOUT, false },
	{ "body-claims-1-gb", FETCH, -1, TP_ERROR_IO, false },
	{ "body-claims-2-64", FETCH, -1, TP_ERROR_IO, false },
	{ "body-nested", FETCH, -1, TP_ERROR_IO, false },
	{ "body-nested-in-literal", FETCH, -1, TP_ERROR_IO, false },
	{ "body-flood", FETCH, -1, TP_ERROR_IO, false },
	{ "body-line-without-end", FETCH, -1, TP_ERROR_IO, false },
	{ "body-other-first", FETCH, 1, 0, true },
	{ "body-other-only", FETCH, 0, 0, true },
	{ "body-nil", FETCH, 0, 0, true },
	{ "body-quoted", FETCH, 1, 0, true },
	{ "body-bye", FETCH, -1, TP_ERROR_IO, false },
	{ "body-garbage", FETCH, -1, TP_ERROR_IO, false },
	{ "body-status", FETCH, -1, TP_ERROR_IO, false },
	{ "body-wrong-tag", FETCH, -1, TP_ERROR_IO, false },
	{ "store-no", DONE, -1, TP_ERROR_REFUSED, true },
};
/* clang-format on */

static int
do_verb(Imap *imap, Verb verb, GError **error)
{
	g_autoptr(GArray) items = NULL;
	g_autoptr(GBytes) body = NULL;

	switch (verb) {
	case LIST:
		items = imap_list(imap, 0, error);
		return items == NULL ? -1 : (int)items->len;
	case FETCH:
		return imap_fetch(imap, 3, &body, error);
	case DONE:
		return imap_done(imap, 3, error) ? 1 : -1;
	}
	return -1;
}

static void
no_reply_hurts(void **state)
{
	const HostileRow *row = *state;
	g_autoptr(Imap) imap = NULL;
	g_autoptr(GError) error = NULL;
	g_autoptr(GError) again = NULL;
	int result;

	(void)set_up_fake(NULL);
	imap = open_row(row->row);
	/* libetpan forgets its list of results when a server says NO to a search. */
	LEAKS_OFF(strcmp(row->row, "search-no") == 0);
	result = do_verb(imap, row->verb, &error);
	LEAKS_ON(strcmp(row->row, "search-no") == 0);
	if (result != row->result)
		fail_msg("%d: %s", result, error == NULL ? "" : error->message);
	if (row->result < 0 && error->code != (int)row->error)
		fail_msg("%s: %s", tp_error_name(error), error->message);
	assert_int_equal(imap_is_alive(imap), row->alive);
	/* A dead connection stays dead, and says so at once. */
	if (!row->alive) {
		assert_int_equal(do_verb(imap, row->verb, &again), -1);
		assert_error(again, TP_ERROR_IO);
	}
}

static void
a_list_is_sorted_and_above(void **state)
{
	g_autoptr(Imap) imap = open_row("search-odd");
	g_autoptr(GArray) items = imap_list(imap, 1, NULL);

	(void)state;
	assert_int_equal(items->len, 3);
	assert_int_equal(g_array_index(items, ImapItem, 0).uid, 3);
	assert_int_equal(g_array_index(items, ImapItem, 1).uid, 5);
	assert_int_equal(g_array_index(items, ImapItem, 2).uid, 9);
	g_clear_pointer(&items, g_array_unref);
	items = imap_list(imap, UINT32_MAX, NULL);
	assert_int_equal(items->len, 0);
}

/* ---- waiting ---- */

static int
wait_row(const char *row, int timeout_s, int wake_fd, GError **error)
{
	g_autoptr(Imap) imap = open_row(row);

	return imap_wait(imap, timeout_s, wake_fd, error);
}

static void
news_end_an_idle(void **state)
{
	(void)state;
	/* In one packet with the "+", and later. */
	assert_int_equal(wait_row("idle-news", 60, -1, NULL), 1);
	assert_int_equal(wait_row("idle-later", 60, -1, NULL), 1);
	assert_true(heard("idle-news", "DONE"));
}

static void
time_and_a_wish_end_an_idle(void **state)
{
	int fds[2];

	(void)state;
	assert_int_equal(wait_row("good", 0, -1, NULL), 0);
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(write(fds[1], "x", 1), 1);
	assert_int_equal(wait_row("good", 60, fds[0], NULL), 0);
	assert_int_equal(wait_row("poor", 60, fds[0], NULL), 0);
	assert_int_equal(wait_row("poor", 0, -1, NULL), 0);
	assert_true(heard("poor", "NOOP"));
	assert_false(heard("poor", "IDLE"));
	close(fds[0]);
	close(fds[1]);
}

static void
a_lost_connection_ends_an_idle(void **state)
{
	static const struct {
		const char *row;
		TpError error;
	} rows[] = {
		{ "idle-cut", TP_ERROR_IO },
		{ "idle-no", TP_ERROR_IO },
		{ "idle-silence", TP_ERROR_TIMEOUT },
		{ "done-silence", TP_ERROR_TIMEOUT },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GError) error = NULL;
		int result = wait_row(rows[i].row, 0 + (i == 0 ? 60 : 0), -1, &error);

		assert_int_equal(result, -1);
		if (error->code != (int)rows[i].error)
			fail_msg("%s: %s", rows[i].row, error->message);
	}
}

/* ---- Dovecot ---- */

static FixDovecot *dovecot;

static int
set_up_dovecot(void **state)
{
	(void)state;
	dovecot = fix_dovecot_start();
	return 0;
}

static int
tear_down_dovecot(void **state)
{
	(void)state;
	fix_dovecot_stop(dovecot);
	dovecot = NULL;
	return 0;
}

static Imap *
open_dovecot(const char *scheme, const char *done_mailbox, GError **error)
{
	g_auto(Client) c = { 0 };

	client_init(&c, scheme,
	    strcmp(scheme, "imap") == 0 ? dovecot->imap_port : dovecot->imaps_port,
	    dovecot->folder);
	c.settings.done_mailbox = done_mailbox;
	return imap_open(&c.settings, error);
}

#define NEEDS_DOVECOT()                                                                  \
	do {                                                                             \
		(void)state;                                                             \
		if (dovecot == NULL)                                                     \
			skip();                                                          \
	} while (0)

static void
dovecot_hands_out_each_mail_once(void **state)
{
	static const char *const schemes[] = { "imaps", "imap" };
	int number = 0;

	NEEDS_DOVECOT();
	for (size_t s = 0; s < G_N_ELEMENTS(schemes); s++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(Imap) imap = NULL;
		g_autoptr(GArray) items = NULL;

		for (int i = 0; i < 3; i++) {
			number++;
			fix_dovecot_deliver(dovecot, number,
			    "From: a@b.example\nSubject: x\n\n(((\n.\nlast\n");
		}
		imap = open_dovecot(schemes[s], "Done", &error);
		assert_no_error(error);
		items = imap_list(imap, 0, &error);
		assert_no_error(error);
		assert_int_equal(items->len, 3);
		for (guint i = 0; i < items->len; i++) {
			const ImapItem *item = &g_array_index(items, ImapItem, i);
			g_autoptr(GBytes) body = NULL;

			assert_int_equal(imap_fetch(imap, item->uid, &body, &error), 1);
			assert_int_equal(g_bytes_get_size(body), item->size_bytes);
			assert_non_null(g_strstr_len(g_bytes_get_data(body, NULL),
			    (gssize)g_bytes_get_size(body), "\r\n.\r\nlast\r\n"));
			assert_true(imap_done(imap, item->uid, &error));
			/* Done twice, as after a crash, is done. */
			assert_true(imap_done(imap, item->uid, &error));
			assert_int_equal(imap_fetch(imap, item->uid, &body, &error), 0);
		}
		g_clear_pointer(&items, g_array_unref);
		items = imap_list(imap, 0, &error);
		assert_int_equal(items->len, 0);
	}
}

static void
dovecot_wakes_an_idle(void **state)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Imap) imap = NULL;
	g_autoptr(GArray) items = NULL;
	uint32_t last = 0;

	NEEDS_DOVECOT();
	imap = open_dovecot("imaps", NULL, &error);
	assert_no_error(error);
	assert_true(imap_has_idle(imap));
	fix_dovecot_deliver(dovecot, 100, "Subject: one\n\n1\n");
	items = imap_list(imap, 0, &error);
	if (items->len > 0)
		last = g_array_index(items, ImapItem, items->len - 1).uid;
	fix_dovecot_deliver(dovecot, 101, "Subject: two\n\n2\n");
	/* Dovecot says it at once, or in the answer to the next command. */
	for (int i = 0; i < 60; i++) {
		g_clear_pointer(&items, g_array_unref);
		items = imap_list(imap, last, &error);
		assert_no_error(error);
		if (items->len > 0)
			break;
		assert_true(imap_wait(imap, 1, -1, &error) >= 0);
	}
	assert_true(items->len > 0);
}

static void
a_restart_of_dovecot_breaks_and_mends(void **state)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Imap) imap = NULL;
	g_autoptr(Imap) again = NULL;
	uint32_t validity;

	NEEDS_DOVECOT();
	imap = open_dovecot("imaps", NULL, &error);
	assert_no_error(error);
	validity = imap_uidvalidity(imap);
	fix_dovecot_restart(dovecot);
	/* Its old process serves on until the client has been silent for ten seconds. */
	for (int i = 0; i < 4 && imap_is_alive(imap); i++) {
		g_autoptr(GArray) items = NULL;

		g_clear_error(&error);
		if (imap_wait(imap, 20, -1, &error) >= 0)
			items = imap_list(imap, 0, &error);
	}
	assert_false(imap_is_alive(imap));
	assert_error(error, TP_ERROR_IO);
	g_clear_error(&error);
	again = open_dovecot("imaps", NULL, &error);
	assert_no_error(error);
	assert_int_equal(imap_uidvalidity(again), validity);
}

static void
a_mailbox_made_anew_has_another_uidvalidity(void **state)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Imap) imap = NULL;
	g_autoptr(GArray) items = NULL;
	uint32_t before;

	NEEDS_DOVECOT();
	imap = open_dovecot("imaps", NULL, &error);
	assert_no_error(error);
	before = imap_uidvalidity(imap);
	g_clear_pointer(&imap, imap_close);
	/* UIDVALIDITY is a time in seconds here. */
	g_usleep(1100000);
	fix_dovecot_recreate(dovecot);
	fix_dovecot_deliver(dovecot, 200, "Subject: new\n\n1\n");
	imap = open_dovecot("imaps", NULL, &error);
	assert_no_error(error);
	assert_int_not_equal(imap_uidvalidity(imap), before);
	items = imap_list(imap, 0, &error);
	assert_int_equal(items->len, 1);
	assert_int_equal(g_array_index(items, ImapItem, 0).uid, 1);
}

static void
dovecot_refuses_a_wrong_password(void **state)
{
	g_auto(Client) c = { 0 };
	g_autoptr(GError) error = NULL;

	NEEDS_DOVECOT();
	client_init(&c, "imaps", dovecot->imaps_port, dovecot->folder);
	c.settings.password = "wrong";
	assert_null(imap_open(&c.settings, &error));
	assert_error(error, TP_ERROR_DENIED);
}

static void
ten_thousand_mails_come_out_of_dovecot(void **state)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Imap) imap = NULL;
	g_autoptr(GArray) items = NULL;
	uint64_t total = 0;

	NEEDS_DOVECOT();
	fix_dovecot_recreate(dovecot);
	for (int i = 0; i < 10000; i++)
		fix_dovecot_deliver(
		    dovecot, 1000 + i, "Subject: x\n\n{\"order\":\"SO-1\"}\n");
	imap = open_dovecot("imaps", NULL, &error);
	assert_no_error(error);
	items = imap_list(imap, 0, &error);
	assert_no_error(error);
	assert_int_equal(items->len, 10000);
	for (guint i = 0; i < items->len; i++) {
		const ImapItem *item = &g_array_index(items, ImapItem, i);
		g_autoptr(GBytes) body = NULL;

		if (i > 0)
			assert_true(
			    item->uid > g_array_index(items, ImapItem, i - 1).uid);
		assert_int_equal(imap_fetch(imap, item->uid, &body, &error), 1);
		assert_int_equal(g_bytes_get_size(body), item->size_bytes);
		total += g_bytes_get_size(body);
	}
	assert_int_equal(
	    total, 10000 * strlen("Subject: x\r\n\r\n{\"order\":\"SO-1\"}\r\n"));
}

int
main(void)
{
	const struct CMUnitTest usual[] = {
		cmocka_unit_test(mails_are_listed_fetched_and_marked),
		cmocka_unit_test(a_bearer_token_logs_in),
		cmocka_unit_test(what_comes_before_tls_is_not_believed),
		cmocka_unit_test(bad_addresses_are_told),
		cmocka_unit_test(a_list_is_sorted_and_above),
		cmocka_unit_test(news_end_an_idle),
		cmocka_unit_test(time_and_a_wish_end_an_idle),
		cmocka_unit_test(a_lost_connection_ends_an_idle),
	};
	const struct CMUnitTest with_dovecot[] = {
		cmocka_unit_test(dovecot_hands_out_each_mail_once),
		cmocka_unit_test(dovecot_wakes_an_idle),
		cmocka_unit_test(dovecot_refuses_a_wrong_password),
		cmocka_unit_test(a_restart_of_dovecot_breaks_and_mends),
		cmocka_unit_test(a_mailbox_made_anew_has_another_uidvalidity),
		cmocka_unit_test(ten_thousand_mails_come_out_of_dovecot),
	};

	return run_rows("imap: moving", moves, finished_mail_is_moved) +
	       run_rows("imap: opening", opens, opening_tells_who_must_act) +
	       run_rows("imap: replies", hostile, no_reply_hurts) +
	       cmocka_run_group_tests_name("imap", usual, set_up_fake, tear_down_fake) +
	       cmocka_run_group_tests_name(
		   "imap: dovecot", with_dovecot, set_up_dovecot, tear_down_dovecot);
}
