/*
 * mail_staff.c - from a proved administrator to a list that is taken over.
 */
#include "fulfill/work/mail_staff.h"

#include "fulfill/domain/user.h"
#include "fulfill/work/mail_reader.h"
#include "fulfill/work/staff_file.h"

/* 1: *ret is one of the sender's users, and an administrator of the vendor.  0: none is;
 * *ret is one of them still. */
static int
administrator(
    const Work *work, const MailProof *proof, const MailSender **ret, GError **error)
{
	*ret = g_ptr_array_index(proof->users, 0);
	for (guint i = 0; i < proof->users->len; i++) {
		const MailSender *sender = g_ptr_array_index(proof->users, i);
		g_autoptr(User) user = NULL;

		if (!sender->vendor)
			continue;
		user = user_get(work->db, sender->user_id, error);
		if (user == NULL)
			return -1;
		*ret = sender;
		if (user->admin)
			return 1;
	}
	return 0;
}

/* Why the mail has no list to take; NULL: *ret is the list. */
static const char *
list_of(const json_t *record, GBytes **ret)
{
	json_t *documents = json_object_get(record, "documents");

	if (json_is_true(json_object_get(record, "too_large")))
		return "the list is too long for a mail: put it into the drop folder";
	if (json_array_size(documents) != 1)
		return "attach one file, the list as CSV or JSON";
	*ret = mail_reader_document(json_array_get(documents, 0));
	return *ret != NULL ? NULL : "the file cannot be read";
}

static char *
news_of(const StaffSync *sync)
{
	return g_strdup_printf(
	    "%u joined, %u came back, %u changed, %u left; %d are as they were.",
	    sync->joined->len, sync->rehired->len, sync->changed->len, sync->left->len,
	    (int)sync->same);
}

/* A list that is refused leaves nothing behind but the alarm. */
static bool
take(
    Work *work, DbTx *tx, GBytes *list, MailReply *reply, char **ret_text, GError **error)
{
	const StaffOptions options = { .max_drop = -1 };
	g_auto(StaffSync) sync = { 0 };
	g_autoptr(GError) wrong = NULL;
	gsize size;
	const void *bytes = g_bytes_get_data(list, &size);

	if (!db_savepoint(tx, error))
		return false;
	if (staff_file_take_in(work, tx, bytes, size, &options, &sync, &wrong)) {
		reply->news = *ret_text = news_of(&sync);
		return db_savepoint_release(tx, error);
	}
	if (!g_error_matches(wrong, TP_ERROR, TP_ERROR_INVALID)) {
		g_propagate_error(error, g_steal_pointer(&wrong));
		return false;
	}
	reply->reason = *ret_text = g_strdup(wrong->message);
	return db_savepoint_undo(tx, error) &&
	       staff_file_alarm_in(work, tx, wrong->message, error);
}

bool
mail_staff_do(Work *work, DbTx *tx, const MailIn *mail, const json_t *record,
    const MailProof *proof, MailCommand *ret, GError **error)
{
	const MailSender *sender = NULL;
	g_autoptr(GBytes) list = NULL;
	g_autofree char *text = NULL;
	MailReply reply = mail_reply_to(mail, record, MAIL_STAFF_VERB);
	int may;

	if (proof->method == NULL) {
		ret->held = g_strdup(proof->why);
		return true;
	}
	may = administrator(work, proof, &sender, error);
	if (may < 0)
		return false;
	reply.email = sender->email;
	reply.name = sender->name;
	reply.language = sender->language;
	reply.reason = may == 0 ? "staff lists come from an administrator of the vendor"
				: list_of(record, &list);
	if ((reply.reason == NULL && !take(work, tx, list, &reply, &text, error)) ||
	    !mail_command_reply(work, tx, &reply, error))
		return false;
	ret->outcome = json_pack("{s:s, s:b, s:s?}", "command", MAIL_STAFF_VERB, "done",
	    reply.reason == NULL, "reason", reply.reason);
	return true;
}
