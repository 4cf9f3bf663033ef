/*
 * mail_proof.c - the ways to prove a sender, one after the other.
 */
#include "fulfill/work/mail_proof.h"

#include <string.h>

#include "fulfill/work/mail_reader.h"
#include "mailer/addr.h"
#include "mailer/authres.h"
#include "mailer/minisign.h"
#include "mailer/msgid.h"
#include "queue/clock.h"
#include "queue/limits.h"

#define ADDRESS_CONTEXT "order address"
/* How old a signature may be when the mail comes in, and how far ahead its clock. */
#define SIGNATURE_OLD_US (72 * INT64_C(3600) * US_PER_S)
#define SIGNATURE_AHEAD_US (INT64_C(3600) * US_PER_S)

void
mail_proof_clear(MailProof *proof)
{
	g_clear_pointer(&proof->sender, g_free);
	g_clear_pointer(&proof->why, g_free);
	g_clear_pointer(&proof->users, g_ptr_array_unref);
}

/* The mail without its body. */
static ParsedMail *
header_alone(GBytes *raw)
{
	gsize size;
	const char *bytes = g_bytes_get_data(raw, &size);
	gsize end = MIN(size, LIMIT_INTAKE_HEADER_BLOCK_BYTES);
	g_autoptr(GBytes) head = NULL;

	for (gsize i = 0; i + 1 < end; i++)
		if (bytes[i] == '\n' &&
		    (bytes[i + 1] == '\n' ||
			(bytes[i + 1] == '\r' && i + 2 < end && bytes[i + 2] == '\n')))
			end = i + 1;
	head = g_bytes_new_from_bytes(raw, 0, end);
	return parse_mail(head, NULL);
}

static bool
users_of(Work *work, const char *email, MailProof *ret, GError **error)
{
	g_clear_pointer(&ret->users, g_ptr_array_unref);
	ret->users = mail_sender_by_email(work->db, email, error);
	return ret->users != NULL;
}

/* 1: proved as this user.  0: there is no such user any more. */
static int
as_user(Work *work, int64_t user_id, const char *method, MailProof *ret, GError **error)
{
	MailSender *sender = NULL;
	int found = mail_sender_find(work->db, user_id, &sender, error);

	if (found != 1)
		return found;
	g_clear_pointer(&ret->users, g_ptr_array_unref);
	ret->users = g_ptr_array_new_with_free_func((GDestroyNotify)mail_sender_free);
	g_ptr_array_add(ret->users, sender);
	ret->method = method;
	return 1;
}

/* ---- our own border server ---- */

static int
by_border(Work *work, const AuthresVerdict *verdict, MailProof *ret, GError **error)
{
	if (verdict == NULL || verdict->why != AUTHRES_PROVED)
		return 0;
	ret->vouched = strcmp(verdict->method, "dmarc") == 0 ? "dmarc" : "dkim";
	if (!users_of(work, verdict->sender, ret, error))
		return -1;
	if (ret->users->len == 0) {
		g_free(ret->why);
		ret->why = g_strdup("the sender is nobody's registered user");
		return 0;
	}
	ret->method = ret->vouched;
	return 1;
}

/* ---- signed documents ---- */

typedef struct KeySearch {
	const Minisign *signature;
	const void *bytes;
	gsize size;
	int64_t user_id; /* 0: nobody's */
} KeySearch;

static bool
try_key(void *user, int64_t user_id, const char *text)
{
	KeySearch *search = user;
	MinisignKey key;

	if (minisign_key_parse(text, &key, NULL) &&
	    memcmp(key.id, search->signature->id, MINISIGN_ID_BYTES) == 0 &&
	    minisign_verify(search->signature, &key, search->bytes, search->size, NULL))
		search->user_id = user_id;
	return search->user_id == 0;
}

/* Signed long ago means: perhaps sent again by somebody else. */
static bool
is_fresh(const Minisign *signature, int64_t received_at)
{
	g_autofree char *text =
	    minisign_comment_find(signature->trusted_comment, "timestamp");
	int64_t at =
	    text != NULL ? g_ascii_strtoll(text, NULL, 10) * US_PER_S : received_at;

	return at >= received_at - SIGNATURE_OLD_US &&
	       at <= received_at + SIGNATURE_AHEAD_US;
}

/* 1: by *ret_user.  0: not signed, or by nobody we know. */
static int
signer_of(Work *work, const json_t *document, int64_t received_at, int64_t *ret_user,
    GError **error)
{
	const char *text = json_string_value(json_object_get(document, "signature"));
	g_autoptr(GBytes) bytes = mail_reader_document(document);
	g_autoptr(Minisign) signature = NULL;
	KeySearch search = { 0 };

	if (text == NULL || bytes == NULL)
		return 0;
	signature = minisign_parse(text, strlen(text), NULL);
	if (signature == NULL)
		return 0;
	search.signature = signature;
	search.bytes = g_bytes_get_data(bytes, &search.size);
	if (!mail_sender_keys(work->db, try_key, &search, error))
		return -1;
	*ret_user = search.user_id;
	return search.user_id != 0 && is_fresh(signature, received_at);
}

static int
by_signature(
    Work *work, const MailIn *mail, const json_t *record, MailProof *ret, GError **error)
{
	json_t *documents = json_object_get(record, "documents");
	int64_t all = 0;

	for (size_t i = 0; i < json_array_size(documents); i++) {
		int64_t user_id = 0;
		int one = signer_of(work, json_array_get(documents, i), mail->received_at,
		    &user_id, error);

		if (one <= 0)
			return one;
		if (all != 0 && all != user_id)
			return 0;
		all = user_id;
	}
	return all != 0 ? as_user(work, all, "minisign", ret, error) : 0;
}

/* ---- an address that one user was told ---- */

static bool
split_address(Work *work, char **ret_local, char **ret_domain)
{
	const char *address = settings_text(work->settings, SET_INTAKE_ADDRESS);
	const char *at = address != NULL ? strrchr(address, '@') : NULL;

	if (at == NULL)
		return false;
	*ret_local = g_strndup(address, (gsize)(at - address));
	*ret_domain = g_strdup(at + 1);
	return true;
}

char *
mail_proof_address(Work *work, int64_t user_id, GError **error)
{
	g_autofree char *local = NULL;
	g_autofree char *domain = NULL;

	if (!split_address(work, &local, &domain)) {
		err_set(error, TP_ERROR_CONFIG,
		    "set [intake] address first: where orders are mailed to");
		return NULL;
	}
	return msgid_tagged(local, ADDRESS_CONTEXT, user_id,
	    vault_mac_key(work->vault, VAULT_ORDER_ADDRESS), domain);
}

static int
by_address(
    Work *work, const MailIn *mail, const json_t *record, MailProof *ret, GError **error)
{
	json_t *lists[] = { json_object_get(record, "delivered"),
		json_object_get(json_object_get(record, "mail"), "to") };
	g_autofree char *local = NULL;
	g_autofree char *domain = NULL;
	const uint8_t *key = vault_mac_key(work->vault, VAULT_ORDER_ADDRESS);
	int64_t id;

	if (!split_address(work, &local, &domain))
		return 0;
	if (mail->recipient != NULL && msgid_tagged_verify(mail->recipient, local,
					   ADDRESS_CONTEXT, key, domain, &id))
		return as_user(work, id, "address", ret, error);
	for (size_t l = 0; l < G_N_ELEMENTS(lists); l++)
		for (size_t i = 0; i < json_array_size(lists[l]); i++) {
			const char *to = json_string_value(json_array_get(lists[l], i));

			if (to != NULL && msgid_tagged_verify(to, local, ADDRESS_CONTEXT,
					      key, domain, &id))
				return as_user(work, id, "address", ret, error);
		}
	return 0;
}

/* ---- all of them ---- */

static int
by_person(Work *work, const MailIn *mail, MailProof *ret, GError **error)
{
	if (g_strcmp0(mail->proof, "person") != 0)
		return 0;
	if (mail->user_id != 0)
		return as_user(work, mail->user_id, "person", ret, error);
	ret->vouched = ret->sender != NULL ? "person" : NULL;
	if (ret->sender == NULL || !users_of(work, ret->sender, ret, error))
		return ret->sender == NULL ? 0 : -1;
	if (ret->users->len == 0) {
		g_free(ret->why);
		ret->why =
		    g_strdup("the sender is nobody's registered user: release it with "
			     "--as USER");
		return 0;
	}
	ret->method = "person";
	return 1;
}

bool
mail_proof_find(Work *work, const MailIn *mail, GBytes *raw, const json_t *record,
    MailProof *ret, GError **error)
{
	const char *id = settings_text(work->settings, SET_INTAKE_AUTHSERV);
	AuthresSelf self = { .authserv_id = id != NULL ? id : "",
		.mx = settings_text(work->settings, SET_INTAKE_MX),
		.own_hops = (int)settings_number(work->settings, SET_INTAKE_HOPS) };
	g_autoptr(ParsedMail) header = header_alone(raw);
	g_autoptr(AuthresVerdict) verdict =
	    header != NULL ? authres_check(header, &self) : NULL;
	int proved;

	if (verdict != NULL)
		ret->sender = g_strdup(verdict->sender);
	ret->why =
	    g_strdup(id == NULL ? "no [intake] authserv_id is set, and nothing else "
				  "proves the sender"
		     : verdict != NULL ? authres_why_text(verdict->why)
				       : "the header cannot be read");
	proved = by_person(work, mail, ret, error);
	if (proved == 0 && id != NULL)
		proved = by_border(work, verdict, ret, error);
	if (proved == 0)
		proved = by_signature(work, mail, record, ret, error);
	if (proved == 0)
		proved = by_address(work, mail, record, ret, error);
	return proved >= 0;
}
