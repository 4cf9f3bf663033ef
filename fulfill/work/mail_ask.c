/*
 * mail_ask.c - from a proved address to an employee, and back to it with an answer.
 */
#include "fulfill/work/mail_ask.h"

#include "fulfill/domain/programme_ask.h"

static const struct {
	const char *name;
	AskVerb verb;
} verbs[] = {
	{ "nfr", ASK_NFR },
	{ "demo", ASK_DEMO },
	{ "stop", ASK_STOP },
	{ "help", ASK_HELP },
};

static int
index_of(const char *verb)
{
	for (size_t i = 0; i < G_N_ELEMENTS(verbs); i++)
		if (g_strcmp0(verbs[i].name, verb) == 0)
			return (int)i;
	return -1;
}

bool
mail_ask_has(const char *verb)
{
	return index_of(verb) >= 0;
}

/* The address whose owner surely wrote this; NULL: nobody knows. */
static const char *
address_of(const MailProof *proof)
{
	if (proof->vouched != NULL)
		return proof->sender;
	return proof->method != NULL
		   ? ((const MailSender *)g_ptr_array_index(proof->users, 0))->email
		   : NULL;
}

static bool
answer(Work *work, DbTx *tx, const MailIn *mail, const json_t *record,
    const ProgrammePerson *person, const AskAnswer *told, GError **error)
{
	MailReply reply = mail_reply_to(mail, record,
	    json_string_value(
		json_object_get(json_object_get(record, "sort"), "command")));

	reply.email = person->email;
	reply.name = person->name;
	reply.language = person->language;
	reply.reason = told->reason;
	reply.news = told->news;
	/* The ticket, or the letter about its end, is the answer. */
	return (told->reason == NULL && told->news == NULL) ||
	       mail_command_reply(work, tx, &reply, error);
}

bool
mail_ask_do(Work *work, DbTx *tx, const MailIn *mail, const json_t *record,
    const MailProof *proof, MailCommand *ret, GError **error)
{
	const json_t *sort = json_object_get(record, "sort");
	const char *verb = json_string_value(json_object_get(sort, "command"));
	const char *argument = json_string_value(json_object_get(sort, "argument"));
	const char *address = address_of(proof);
	g_autoptr(GPtrArray) people = NULL;
	g_auto(AskAnswer) told = { 0 };
	Ask ask = { .issue = &work->issue,
		.verb = verbs[index_of(verb)].verb,
		.argument = argument != NULL ? argument : "",
		.mail_id = mail->id,
		.resend_daily = (int)settings_number(work->settings, SET_LIMIT_RESEND) };

	if (address == NULL) {
		ret->held = g_strdup(proof->why);
		return true;
	}
	people =
	    programme_people_by_email(work->db, address, day_today(work->zone), error);
	if (people == NULL)
		return false;
	if (people->len != 1) {
		ret->held =
		    g_strdup(people->len == 0 ? "the sender is not on the staff list"
					      : "several employees have this address");
		return true;
	}
	ask.person = g_ptr_array_index(people, 0);
	if (!programme_ask(tx, &ask, &told, error) ||
	    !answer(work, tx, mail, record, ask.person, &told, error))
		return false;
	ret->outcome = json_pack("{s:s, s:b, s:s, s:s?}", "command", verb, "done",
	    told.reason == NULL, "employee", ask.person->code, "reason", told.reason);
	return true;
}
