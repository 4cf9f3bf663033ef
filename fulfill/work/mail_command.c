/*
 * mail_command.c - commands by mail: a table of verbs.
 */
#include "fulfill/work/mail_command.h"

#include <string.h>

#include "fulfill/domain/mail_again.h"
#include "fulfill/domain/mail_letter.h"
#include "fulfill/domain/order.h"
#include "fulfill/domain/scope.h"
#include "fulfill/domain/ticket.h"
#include "fulfill/domain/ticket_view.h"
#include "fulfill/work/mail_life.h"
#include "fulfill/work/mail_people.h"
#include "mailer/addr.h"
#include "mailer/msgid.h"
#include "queue/clock.h"

typedef struct Asking {
	Work *work;
	DbTx *tx;
	const MailIn *mail;
	const json_t *record;
	const MailProof *proof;
	const MailSender *user; /* NULL: not proved */
	const char *argument;
	MailCommand *ret;
} Asking;

/* What the sender is told: done, or why not. */
typedef struct Told {
	char *reason; /* NULL: done */
	char *news;   /* beside that; or NULL */
} Told;

static void
told_clear(Told *told)
{
	g_free(told->reason);
	g_free(told->news);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Told, told_clear)

void
mail_command_clear(MailCommand *command)
{
	g_clear_pointer(&command->outcome, json_decref);
	g_clear_pointer(&command->held, g_free);
}

/* A refusal of the domain is an answer; trouble of the store is trouble. */
static bool
is_refusal(const GError *error)
{
	return g_error_matches(error, TP_ERROR, TP_ERROR_INVALID) ||
	       g_error_matches(error, TP_ERROR, TP_ERROR_NOT_FOUND) ||
	       g_error_matches(error, TP_ERROR, TP_ERROR_EXISTS) ||
	       g_error_matches(error, TP_ERROR, TP_ERROR_DENIED) ||
	       g_error_matches(error, TP_ERROR, TP_ERROR_CONFLICT);
}

static bool
refuse_or_fail(Told *told, GError **wrong, GError **error)
{
	if (!is_refusal(*wrong)) {
		g_propagate_error(error, g_steal_pointer(wrong));
		return false;
	}
	told->reason = g_strdup((*wrong)->message);
	g_clear_error(wrong);
	return true;
}

/* ---- what is meant ---- */

/* "T00000017" in a text; 0: none. */
static int64_t
serial_in(const char *text)
{
	for (const char *at = text; at != NULL && (at = strchr(at, 'T')) != NULL; at++) {
		char *end;
		int64_t id;

		if (!g_ascii_isdigit(at[1]) || (at > text && g_ascii_isalnum(at[-1])))
			continue;
		id = g_ascii_strtoll(at + 1, &end, 10);
		if (end - at == 9 && !g_ascii_isalnum(*end))
			return id;
	}
	return 0;
}

/* The ticket by its code, or by its number in the subject.  *ret 0: none is named. */
static bool
ticket_of(const Asking *a, int64_t *ret, GError **error)
{
	json_t *codes = json_object_get(a->record, "codes");
	const char *subject = json_string_value(
	    json_object_get(json_object_get(a->record, "mail"), "subject"));

	*ret = 0;
	for (size_t i = 0; i < json_array_size(codes) && *ret == 0; i++) {
		g_autoptr(GError) wrong = NULL;
		const char *code = json_string_value(json_array_get(codes, i));

		if (code != NULL &&
		    !ticket_resolve(a->work->db, a->work->vault, code, ret, &wrong)) {
			*ret = 0;
			if (!is_refusal(wrong)) {
				g_propagate_error(error, g_steal_pointer(&wrong));
				return false;
			}
		}
	}
	if (*ret == 0)
		*ret = serial_in(subject);
	return true;
}

/* The first address in `line`; NULL: none. */
static char *
address_in(const char *line)
{
	g_auto(GStrv) words = g_strsplit_set(line, " \t<>,;:\"()[]", -1);

	for (char **word = words; *word != NULL; word++) {
		char *address =
		    strchr(*word, '@') != NULL ? addr_normal(*word, NULL) : NULL;

		if (address != NULL)
			return address;
	}
	return NULL;
}

/* In the subject, else on the first line that says something: what stands below may be an
 * old mail with other people's addresses. */
static char *
customer_of(const Asking *a)
{
	const char *text = json_string_value(json_object_get(a->record, "text"));
	char *address = address_in(a->argument);
	g_autofree char *line = NULL;

	if (address != NULL || text == NULL)
		return address;
	text += strspn(text, " \t\r\n");
	line = g_strndup(text, strcspn(text, "\r\n"));
	return address_in(line);
}

/*
 * The first of the sender's users who may send this ticket again; one person may be a
 * user of several parties.  false: the best of the refusals, or trouble.
 */
static bool
sender_of(const Asking *a, int64_t ticket_id, const MailSender **ret, GError **error)
{
	g_autoptr(GError) best = NULL;

	for (guint i = 0; i < a->proof->users->len; i++) {
		const MailSender *user = g_ptr_array_index(a->proof->users, i);
		g_autoptr(GError) wrong = NULL;

		if (ticket_may_act(a->work->db, user->user_id, ticket_id,
			TICKET_AS_SENDER, &wrong)) {
			*ret = user;
			return true;
		}
		if (best == NULL ||
		    !g_error_matches(wrong, TP_ERROR, TP_ERROR_NOT_FOUND)) {
			g_clear_error(&best);
			best = g_steal_pointer(&wrong);
		}
	}
	g_propagate_error(error, g_steal_pointer(&best));
	return false;
}

/* ---- verbs ---- */

static bool
do_forward(Asking *a, Told *told, GError **error)
{
	g_autofree char *to = customer_of(a);
	Forward forward = {
		.to = to, .reason = "asked for by mail", .zone = a->work->zone
	};
	const MailSender *user = NULL;
	g_autoptr(GError) wrong = NULL;
	int64_t mail_id;

	if (!ticket_of(a, &forward.ticket_id, error))
		return false;
	if (to == NULL)
		told->reason = g_strdup("no address is named: write 'forward "
					"customer@example.com' into the subject");
	else if (forward.ticket_id == 0)
		told->reason =
		    g_strdup("no ticket is named: attach the ticket mail, or write "
			     "its number (T00000017) into the subject");
	else if (!sender_of(a, forward.ticket_id, &user, &wrong) ||
		 (forward.party_id = user->party_id,
		     !mail_again_forward(a->tx, &forward, &mail_id, &wrong)))
		return refuse_or_fail(told, &wrong, error);
	return true;
}

/* May this sender have this ticket mailed to the address on file?  false: no, with the
 * reason; or trouble. */
static bool
may_resend(const Asking *a, int64_t ticket_id, const char *on_file, GError **error)
{
	const MailSender *user;

	if (on_file != NULL && g_strcmp0(a->proof->sender, on_file) == 0)
		return true;
	return a->user != NULL ? sender_of(a, ticket_id, &user, error)
			       : err_set(error, TP_ERROR_NOT_FOUND,
				     "no ticket of yours has this number");
}

static bool
do_resend(Asking *a, Told *told, GError **error)
{
	int64_t most = settings_number(a->work->settings, SET_LIMIT_RESEND);
	g_autofree char *last = NULL;
	g_autofree char *now = NULL;
	g_autoptr(GError) wrong = NULL;
	int64_t ticket_id;
	int64_t mail_id;
	int64_t n;

	if (!ticket_of(a, &ticket_id, error) ||
	    !mail_again_address(a->work->db, ticket_id, &last, &now, error) ||
	    !mail_again_count(
		a->work->db, ticket_id, clock_now_at() - US_PER_DAY, &n, error))
		return false;
	if (!may_resend(a, ticket_id, now, &wrong))
		return refuse_or_fail(told, &wrong, error);
	if (now == NULL)
		told->reason = g_strdup("no address is on file for this ticket");
	else if (n >= most)
		told->reason = g_strdup_printf("this ticket was sent %" G_GINT64_FORMAT
					       " times today: that is enough",
		    n);
	else if (!mail_again_resend(
		     a->tx, ticket_id, now, "asked for by mail", &mail_id, &wrong))
		return refuse_or_fail(told, &wrong, error);
	return true;
}

static void
note_order(void *user, const OrderRow *row)
{
	Told *told = user;

	told->news = g_strdup_printf("%s: %s, %" G_GINT64_FORMAT " tickets", row->number,
	    row->state, row->tickets);
}

/* Orders of the user's own party, by the number it gave them. */
static bool
do_status(Asking *a, Told *told, GError **error)
{
	g_autofree char *number = g_strstrip(g_strdup(a->argument));
	g_autoptr(GError) wrong = NULL;
	int64_t id = 0;
	int seen = 0;

	for (guint i = 0; i < a->proof->users->len && seen == 0; i++) {
		const MailSender *user = g_ptr_array_index(a->proof->users, i);
		g_autofree char *source = g_strdup_printf("%s/mail", user->party);
		g_autoptr(Scope) scope = NULL;

		g_clear_error(&wrong);
		if (order_resolve(
			a->work->db, user->vendor ? NULL : source, number, &id, &wrong))
			scope = scope_of(a->work->db, user->user_id, RIGHT_VIEW, &wrong);
		if (scope != NULL)
			seen = scope_has_order(a->work->db, scope, id, &wrong);
	}
	if (seen < 0 || wrong != NULL)
		return refuse_or_fail(told, &wrong, error);
	if (seen == 0) {
		told->reason = g_strdup("no order of yours has this number");
		return true;
	}
	return order_list(a->work->db, NULL, NULL, id, 1, note_order, told, error);
}

static bool
do_help(Asking *a, Told *told, GError **error)
{
	(void)a, (void)error;
	told->news =
	    g_strdup("Subjects: forward ADDRESS; resend T00000017; status "
		     "ORDER; assign T00000017 ADDRESS or GROUP; unassign, activate, "
		     "confirm, return, restore, approve, recall, show or hide "
		     "T00000017; user or remove ADDRESS; group or ungroup NAME "
		     "ADDRESS.  Orders: attach a file "
		     "(JSON, CSV, openTRANS, UBL, EDIFACT).");
	return true;
}

/* What mail_life.h has, for whichever of the person's users sees the ticket. */
static bool
do_life(Asking *a, Told *told, GError **error)
{
	g_autofree char *to = customer_of(a);
	g_autoptr(GArray) users = g_array_new(FALSE, FALSE, sizeof(int64_t));
	g_autoptr(GError) wrong = NULL;
	MailLife what = { .verb = json_string_value(json_object_get(
			      json_object_get(a->record, "sort"), "command")),
		.address = to,
		.words = a->argument };

	if (!ticket_of(a, &what.ticket_id, error))
		return false;
	if (what.ticket_id == 0) {
		told->reason = g_strdup("no ticket is named: write its number "
					"(T00000017) into the subject");
		return true;
	}
	for (guint i = 0; i < a->proof->users->len; i++)
		g_array_append_val(users,
		    ((MailSender *)g_ptr_array_index(a->proof->users, i))->user_id);
	return mail_life_do(a->work, a->tx, users, &what, &told->news, &wrong) ||
	       refuse_or_fail(told, &wrong, error);
}

/* What mail_people.h has. */
static bool
do_people(Asking *a, Told *told, GError **error)
{
	const char *verb = json_string_value(
	    json_object_get(json_object_get(a->record, "sort"), "command"));
	g_autoptr(GError) wrong = NULL;

	return mail_people_do(
		   a->tx, a->proof->users, verb, a->argument, &told->news, &wrong) ||
	       refuse_or_fail(told, &wrong, error);
}

static const struct {
	const char *name;
	bool for_all; /* also without a proved sender */
	bool (*run)(Asking *a, Told *told, GError **error);
} verbs[] = {
	{ "forward", false, do_forward },
	{ "resend", true, do_resend },
	{ "status", false, do_status },
	{ "assign", false, do_life },
	{ "unassign", false, do_life },
	{ "activate", false, do_life },
	{ "return", false, do_life },
	{ "restore", false, do_life },
	{ "confirm", false, do_life },
	{ "approve", false, do_life },
	{ "recall", false, do_life },
	{ "show", false, do_life },
	{ "hide", false, do_life },
	{ "user", false, do_people },
	{ "remove", false, do_people },
	{ "group", false, do_people },
	{ "ungroup", false, do_people },
	{ "help", false, do_help },
};

/* ---- the reply ---- */

MailReply
mail_reply_to(const MailIn *mail, const json_t *record, const char *verb)
{
	return (MailReply){ .mail_id = mail->id,
		.message_id = json_string_value(
		    json_object_get(json_object_get(record, "mail"), "message_id")),
		.verb = verb };
}

bool
mail_command_reply(Work *work, DbTx *tx, const MailReply *reply, GError **error)
{
	const char *id = reply->message_id != NULL && msgid_is_valid(reply->message_id)
			     ? reply->message_id
			     : NULL;
	const char *references[] = { id, NULL };
	g_autofree char *key =
	    g_strdup_printf("command/%" G_GINT64_FORMAT, reply->mail_id);
	json_t *context = letter_context(&work->issue, reply->name);
	bool ok;

	json_object_set_new(context, "command", json_string(reply->verb));
	json_object_set_new(context, "done", json_boolean(reply->reason == NULL));
	if (reply->reason != NULL)
		json_object_set_new(context, "reason", json_string(reply->reason));
	if (reply->news != NULL)
		json_object_set_new(context, "news", json_string(reply->news));
	{
		const Letter letter = {
			.text = "command",
			.context = context,
			.to_email = reply->email,
			.to_name = reply->name,
			.language = reply->language != NULL ? reply->language
							    : work->issue.language,
			.subject = "answer to a command",
			.key = key,
			.in_reply_to = id,
			.references = references,
			.null_sender = true,
		};

		ok = mail_letter_plan(tx, &letter, NULL, error) >= 0;
	}
	json_decref(context);
	return ok;
}

static bool
reply(const Asking *a, const char *verb, const Told *told, GError **error)
{
	MailReply reply = mail_reply_to(a->mail, a->record, verb);

	if (a->user == NULL)
		return true;
	reply.reason = told->reason;
	reply.news = told->news;
	reply.email = a->user->email;
	reply.name = a->user->name;
	reply.language = a->user->language;
	return mail_command_reply(a->work, a->tx, &reply, error);
}

bool
mail_command_do(Work *work, DbTx *tx, const MailIn *mail, const json_t *record,
    const MailProof *proof, MailCommand *ret, GError **error)
{
	const json_t *sort = json_object_get(record, "sort");
	const char *verb = json_string_value(json_object_get(sort, "command"));
	const char *argument = json_string_value(json_object_get(sort, "argument"));
	Asking a = { .work = work,
		.tx = tx,
		.mail = mail,
		.record = record,
		.proof = proof,
		.user = proof->method != NULL ? g_ptr_array_index(proof->users, 0) : NULL,
		.argument = argument != NULL ? argument : "",
		.ret = ret };
	g_auto(Told) told = { 0 };
	size_t i = 0;

	while (i < G_N_ELEMENTS(verbs) && g_strcmp0(verbs[i].name, verb) != 0)
		i++;
	if (i == G_N_ELEMENTS(verbs) || (a.user == NULL && !verbs[i].for_all)) {
		ret->held = g_strdup(a.user == NULL ? proof->why : "an unknown command");
		return true;
	}
	/* What is refused half-way is undone; the answer stays. */
	if (!db_savepoint(tx, error) || !verbs[i].run(&a, &told, error) ||
	    !(told.reason != NULL ? db_savepoint_undo(tx, error)
				  : db_savepoint_release(tx, error)) ||
	    !reply(&a, verb, &told, error))
		return false;
	ret->outcome = json_pack("{s:s, s:b, s:s?}", "command", verb, "done",
	    told.reason == NULL, "reason", told.reason);
	return true;
}
