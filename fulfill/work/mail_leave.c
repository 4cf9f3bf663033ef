/*
 * mail_leave.c - made, recognised.
 */
#include "fulfill/work/mail_leave.h"

#include "fulfill/work/mail_reader.h"
#include "mailer/msgid.h"

#define LEAVE_CONTEXT "leave"

char *
mail_leave_address(const Work *work, const char *domain, int64_t mail_id)
{
	return msgid_tagged(LEAVE_CONTEXT, LEAVE_CONTEXT, mail_id,
	    vault_mac_key(work->vault, VAULT_RETURN_PATH), domain);
}

int64_t
mail_leave_of(const Work *work, const char *address)
{
	g_autofree char *domain = mail_reader_domain(work->settings);
	int64_t id;

	return msgid_tagged_verify(address, LEAVE_CONTEXT, LEAVE_CONTEXT,
		   vault_mac_key(work->vault, VAULT_RETURN_PATH), domain, &id)
		   ? id
		   : 0;
}

int64_t
mail_leave_find(const Work *work, const MailIn *mail, const json_t *record)
{
	json_t *lists[] = { json_object_get(record, "delivered"),
		json_object_get(json_object_get(record, "mail"), "to") };
	int64_t id = mail->recipient != NULL ? mail_leave_of(work, mail->recipient) : 0;

	for (size_t l = 0; l < G_N_ELEMENTS(lists); l++)
		for (size_t i = 0; i < json_array_size(lists[l]) && id == 0; i++) {
			const char *to = json_string_value(json_array_get(lists[l], i));

			if (to != NULL)
				id = mail_leave_of(work, to);
		}
	return id;
}
