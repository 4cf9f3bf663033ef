/*
 * render_mail.c - codes, texts, QR pictures and cards come together.
 *
 * Each QR code is encoded once and used for the picture and for the card.  A card that
 * the fonts cannot show (an emoji in a name) is left away: the code and the QR picture
 * stand in the mail, and the text does not speak of a card then.
 */
#include "fulfill/work/render_mail.h"

#include <jansson.h>
#include <string.h>

#include "fulfill/work/card_facts.h"
#include "fulfill/work/mail_reader.h"
#include "fulfill/work/mail_leave.h"
#include "fulfill/work/ticket_csv.h"
#include "mailer/encrypt.h"
#include "mailer/mime.h"
#include "mailer/msgid.h"
#include "print/press.h"
#include "print/qr.h"

struct MailRenderer {
	const Work *work;
	Press *press;
	char *domain;       /* of Message-IDs and return paths */
	bool without_cards; /* the message at hand would be too large with them */
	Encrypt *encrypt;   /* NULL: not needed yet */
};

/* One ticket of a message being rendered. */
typedef struct Piece {
	json_t *facts; /* borrowed or own context of the ticket */
	char code[CODE_TEXT_SIZE];
	Qr *qr;
	char *qr_text;
	char *cid;
	GByteArray *png;
	GByteArray *card; /* NULL: no card */
} Piece;

static void
piece_clear(Piece *piece)
{
	memset(piece->code, 0, sizeof(piece->code));
	qr_free(piece->qr);
	g_free(piece->qr_text);
	g_free(piece->cid);
	g_clear_pointer(&piece->png, g_byte_array_unref);
	g_clear_pointer(&piece->card, g_byte_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Piece, piece_clear)

MailRenderer *
mail_renderer_new(const Work *work)
{
	MailRenderer *r = g_new0(MailRenderer, 1);

	r->work = work;
	r->press = press_new(work->fonts);
	r->domain = mail_reader_domain(work->settings);
	return r;
}

void
mail_renderer_free(MailRenderer *r)
{
	if (r == NULL)
		return;
	press_free(r->press);
	encrypt_close(r->encrypt);
	g_free(r->domain);
	g_free(r);
}

void
rendered_mail_clear(RenderedMail *mail)
{
	g_clear_pointer(&mail->bytes, g_bytes_unref);
	g_clear_pointer(&mail->envelope_from, g_free);
}

static bool
make_card(MailRenderer *r, const json_t *frame, Piece *piece, const char *language,
    GByteArray *out, GError **error)
{
	CardData card = card_from_facts(r->work->logos, frame, piece->facts, piece->code,
	    piece->qr_text, piece->qr, language);

	return card_pdf(r->press, &card, 0, out, error);
}

/* Opens the code of ticket `i` and makes everything that carries it. */
static bool
piece_fill(MailRenderer *r, const MailOut *mail, guint i, const json_t *frame,
    json_t *facts, const char *language, Piece *piece, GError **error)
{
	const MailSealed *sealed = g_ptr_array_index(mail->sealed, i);
	g_auto(Code) code = { 0 };
	char mask[CODE_MASK_SIZE];
	gsize size;
	const void *bytes = g_bytes_get_data(sealed->bytes, &size);
	json_t *ticket = json_object_get(facts, "ticket");
	g_autofree char *url = NULL;

	if (size == 0)
		return err_set(error, TP_ERROR_NOT_FOUND,
		    "the code of ticket %" G_GINT64_FORMAT " is not kept any more",
		    sealed->ticket_id);
	if (!vault_unseal(r->work->vault, bytes, size,
		g_bytes_get_data(sealed->lookup, NULL), &code, error))
		return false;
	code_format(&code, piece->code);
	url = activation_url(r->work->settings, piece->code);
	json_object_set_new(ticket, "code", json_string(piece->code));
	json_object_set_new(ticket, "masked", json_string(code_mask(&code, mask)));
	json_object_set_new(ticket, "url", json_string(url));
	piece->facts = facts;
	piece->qr_text = qr_text_fold(url);
	piece->qr = qr_encode(piece->qr_text, QR_LEVEL_M, error);
	if (piece->qr == NULL)
		return false;
	piece->cid =
	    g_strdup_printf("qr.%" G_GINT64_FORMAT "@%s", sealed->ticket_id, r->domain);
	piece->png = g_byte_array_new();
	qr_png(piece->qr, piece->png);
	if (!settings_number(r->work->settings, SET_MAIL_CARD) || r->without_cards)
		return true;
	piece->card = g_byte_array_new();
	if (!make_card(r, frame, piece, language, piece->card, NULL))
		g_clear_pointer(&piece->card, g_byte_array_unref);
	return true;
}

/* "Lizenzkarte-T00000017.pdf" */
static char *
card_name(const Piece *piece, const char *language)
{
	return g_strdup_printf("%s-%s.pdf",
	    g_str_has_prefix(language, "de") ? "Lizenzkarte" : "Licence-card",
	    facts_text(piece->facts, "ticket", "serial"));
}

/* What all messages of a row have in common. */
static void
envelope(MailRenderer *r, const MailOut *row, const json_t *context, Mail *mail)
{
	const Settings *s = r->work->settings;
	const char *from = settings_text(s, SET_MAIL_FROM);
	const char *reply_to = settings_text(s, SET_MAIL_REPLY_TO);
	gint interval = g_time_zone_find_interval(
	    r->work->zone, G_TIME_TYPE_UNIVERSAL, row->date_at / INT64_C(1000000));

	mail->date_at = row->date_at;
	mail->date_offset_s = g_time_zone_get_offset(r->work->zone, interval);
	mail->from = (MailBox){ facts_text(context, "brand", "name"), from };
	mail->to = (MailBox){ row->to_name, row->to_email };
	mail->reply_to =
	    (MailBox){ NULL, row->reply_to != NULL ? row->reply_to : reply_to };
	mail->loop = r->domain;
	mail->language = tmpl_set_language(r->work->templates, row->brand, row->language);
}

static bool
render_texts(MailRenderer *r, const MailOut *row, const char *text, json_t *context,
    GString *subject, GString *plain, GString *html, GError **error)
{
	const TmplSet *set = r->work->templates;

	return tmpl_set_complete(set, row->brand, row->language, context, error) &&
	       tmpl_set_render(set, row->brand, row->language, text, TMPL_SUBJECT,
		   context, subject, error) &&
	       tmpl_set_render(set, row->brand, row->language, text, TMPL_TEXT, context,
		   plain, error) &&
	       (!tmpl_set_is_rich(text) || tmpl_set_render(set, row->brand, row->language,
					       text, TMPL_HTML, context, html, error));
}

/* One ticket, one message: to its customer, or inside a digest to be forwarded. */
static GBytes *
compose_ticket(MailRenderer *r, const MailOut *row, const char *text, json_t *context,
    Piece *piece, Mail *mail, GError **error)
{
	g_autoptr(GString) subject = g_string_new("");
	g_autoptr(GString) plain = g_string_sized_new(2048);
	g_autoptr(GString) html = g_string_sized_new(12 * 1024);
	g_autofree char *file = card_name(piece, mail->language);
	MailPart picture = { .type = "image/png",
		.filename = "qr.png",
		.content_id = piece->cid,
		.bytes = piece->png->data,
		.length = piece->png->len };
	MailPart card = { .type = "application/pdf", .filename = file };

	json_object_set_new(context, "has_qr", json_true());
	json_object_set_new(context, "qr_cid", json_string(piece->cid));
	json_object_set_new(context, "has_card", json_boolean(piece->card != NULL));
	if (!render_texts(r, row, text, context, subject, plain, html, error))
		return NULL;
	mail->subject = subject->str;
	mail->text = plain->str;
	mail->html = html->str;
	mail->pictures = &picture;
	mail->n_pictures = 1;
	if (piece->card != NULL) {
		card.bytes = piece->card->data;
		card.length = piece->card->len;
		mail->files = &card;
		mail->n_files = 1;
	}
	return mime_compose(mail, error);
}

static GBytes *
render_ticket(MailRenderer *r, const MailOut *row, json_t *context, GError **error)
{
	g_auto(Piece) piece = { 0 };
	Mail mail = { 0 };
	g_autofree char *id = msgid_new(row->id, row->seed, r->domain);

	envelope(r, row, context, &mail);
	mail.message_id = id;
	if (!piece_fill(r, row, 0, context, context, mail.language, &piece, error))
		return NULL;
	return compose_ticket(r, row, row->text, context, &piece, &mail, error);
}

/* The message that a reseller forwards: brand and ticket, no order and no prices. */
static GBytes *
render_forward(MailRenderer *r, const MailOut *row, const json_t *context, Piece *piece,
    int64_t ticket_id, GError **error)
{
	json_t *own = json_copy(piece->facts);
	uint8_t seed[MAIL_SEED_BYTES];
	Hash hash;
	uint8_t mixed[HASH_BYTES];
	Mail mail = { 0 };
	g_autofree char *id = NULL;
	const char *reply = facts_text(context, "brand", "email");
	GBytes *bytes;

	hash_init(&hash);
	hash_add(&hash, row->seed, sizeof(row->seed));
	hash_add_int(&hash, ticket_id);
	hash_done(&hash, mixed);
	memcpy(seed, mixed, sizeof(seed));
	id = msgid_new(row->id, seed, r->domain);
	envelope(r, row, context, &mail);
	mail.message_id = id;
	mail.to = (MailBox){ row->to_name, row->to_email };
	mail.loop = NULL; /* whoever passes it on is no loop */
	if (reply != NULL)
		mail.reply_to = (MailBox){ NULL, reply };
	json_object_set(own, "brand", json_object_get(context, "brand"));
	bytes = compose_ticket(r, row, "forward", own, piece, &mail, error);
	json_decref(own);
	return bytes;
}

static void
bytes_free(gpointer data)
{
	g_bytes_unref(data);
}

/* The tickets of a digest, each as a message of its own and as a row of the list. */
static bool
digest_parts(MailRenderer *r, const MailOut *row, json_t *context, const char *language,
    GPtrArray *messages, TicketCsv *csv, GError **error)
{
	json_t *tickets = json_object_get(context, "tickets");

	if (json_array_size(tickets) != row->sealed->len)
		return err_set(error, TP_ERROR_INVALID,
		    "mail %" G_GINT64_FORMAT " names %zu tickets and has %u", row->id,
		    json_array_size(tickets), row->sealed->len);
	for (guint i = 0; i < row->sealed->len; i++) {
		const MailSealed *sealed = g_ptr_array_index(row->sealed, i);
		json_t *facts = json_array_get(tickets, i);
		g_auto(Piece) piece = { 0 };
		GBytes *message;

		if (!piece_fill(r, row, i, context, facts, language, &piece, error))
			return false;
		message =
		    render_forward(r, row, context, &piece, sealed->ticket_id, error);
		if (message == NULL)
			return false;
		g_ptr_array_add(messages, message);
		ticket_csv_add(csv, context, facts);
	}
	return true;
}

static GBytes *
render_digest(MailRenderer *r, const MailOut *row, json_t *context, GError **error)
{
	g_autoptr(GPtrArray) messages = g_ptr_array_new_with_free_func(bytes_free);
	g_autoptr(GArray) files = g_array_new(FALSE, TRUE, sizeof(MailPart));
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(TicketCsv) csv = ticket_csv_new();
	g_autoptr(GString) subject = g_string_new("");
	g_autoptr(GString) plain = g_string_new("");
	g_autoptr(GString) html = g_string_new("");
	g_autofree char *id = msgid_new(row->id, row->seed, r->domain);
	Mail mail = { 0 };
	MailPart list = { .type = "text/csv; charset=utf-8", .filename = "tickets.csv" };

	envelope(r, row, context, &mail);
	mail.message_id = id;
	if (!digest_parts(r, row, context, mail.language, messages, csv, error))
		return NULL;
	list.bytes = ticket_csv_text(csv, &list.length);
	g_array_append_val(files, list);
	for (guint i = 0; i < messages->len; i++) {
		json_t *facts = json_array_get(json_object_get(context, "tickets"), i);
		char *name = g_strdup_printf(
		    "ticket-%s.eml", facts_text(facts, "ticket", "serial"));
		MailPart part = { .type = "message/rfc822", .filename = name };

		g_ptr_array_add(names, name);
		part.bytes =
		    g_bytes_get_data(g_ptr_array_index(messages, i), &part.length);
		g_array_append_val(files, part);
	}
	json_object_set_new(context, "has_csv", json_true());
	json_object_set_new(context, "forwardable", json_true());
	if (!render_texts(r, row, "digest", context, subject, plain, html, error))
		return NULL;
	mail.subject = subject->str;
	mail.text = plain->str;
	mail.html = html->str;
	mail.files = (const MailPart *)(const void *)files->data;
	mail.n_files = files->len;
	return mime_compose(&mail, error);
}

/* The page of the settings with the token of the address; NULL: there is none. */
static char *
leave_url(const Settings *settings, const char *address)
{
	const char *page = settings_text(settings, SET_MAIL_LEAVE_URL);
	const char *from = strchr(address, '+');
	const char *to = from != NULL ? strchr(from, '@') : NULL;
	g_auto(GStrv) parts = NULL;
	g_autofree char *token = NULL;

	if (page == NULL || to == NULL)
		return NULL;
	token = g_strndup(from + 1, (gsize)(to - from - 1));
	parts = g_strsplit(page, "{{token}}", 2);
	return g_strjoinv(token, parts);
}

/* A message that carries no ticket. */
static GBytes *
render_letter(MailRenderer *r, const MailOut *row, json_t *context, GError **error)
{
	g_autoptr(GString) subject = g_string_new("");
	g_autoptr(GString) plain = g_string_new("");
	g_autoptr(GString) html = g_string_new("");
	g_autofree char *id = msgid_new(row->id, row->seed, r->domain);
	g_autofree MailPart *files = g_new0(MailPart, row->parts->len);
	g_autofree char *leave = NULL;
	g_autofree char *url = NULL;
	Mail mail = { 0 };

	envelope(r, row, context, &mail);
	mail.message_id = id;
	mail.in_reply_to = row->in_reply_to;
	mail.references = (const char *const *)row->references;
	mail.auto_replied = row->in_reply_to != NULL;
	if (row->recurring) {
		leave = mail_leave_address(r->work, r->domain, row->id);
		url = leave_url(r->work->settings, leave);
	}
	mail.unsubscribe_mail = leave;
	mail.unsubscribe_url = url;
	for (guint i = 0; i < row->parts->len; i++) {
		const MailOutPart *part = g_ptr_array_index(row->parts, i);

		files[i].type = part->type;
		files[i].filename = part->name;
		files[i].bytes = g_bytes_get_data(part->bytes, &files[i].length);
	}
	mail.files = files;
	mail.n_files = row->parts->len;
	if (!render_texts(r, row, row->text, context, subject, plain, html, error))
		return NULL;
	mail.subject = subject->str;
	mail.text = plain->str;
	if (html->len > 0)
		mail.html = html->str;
	return mime_compose(&mail, error);
}

static void
fill(const MailRenderer *r, const MailOut *row, GBytes *bytes, RenderedMail *ret)
{
	gsize size;
	const void *data = g_bytes_get_data(bytes, &size);

	hash_bytes(data, size, ret->hash);
	ret->bytes = bytes;
	ret->envelope_from =
	    row->null_sender
		? g_strdup("")
		: msgid_return_path(row->id,
		      vault_mac_key(r->work->vault, VAULT_RETURN_PATH), r->domain);
}

static GBytes *
render(MailRenderer *r, const MailOut *row, GError **error)
{
	json_t *context = json_loads(row->context, 0, NULL);
	GBytes *bytes;

	if (context == NULL) {
		err_set(error, TP_ERROR_INVALID, "its facts cannot be read");
		return NULL;
	}
	if (strcmp(row->text, "digest") == 0)
		bytes = render_digest(r, row, context, error);
	else if (row->sealed->len > 0)
		bytes = render_ticket(r, row, context, error);
	else
		bytes = render_letter(r, row, context, error);
	json_decref(context);
	return bytes;
}

/* What is too large for relays goes without the cards: code, link and QR picture stand in
 * the text. */
bool
mail_render(MailRenderer *r, const MailOut *row, RenderedMail *ret, GError **error)
{
	int64_t most = settings_number(r->work->settings, SET_MAIL_MAX_SIZE) * 1024;
	GBytes *bytes = render(r, row, error);

	if (bytes != NULL && row->sealed->len > 0 &&
	    (int64_t)g_bytes_get_size(bytes) > most) {
		g_bytes_unref(bytes);
		r->without_cards = true;
		bytes = render(r, row, error);
		r->without_cards = false;
	}
	if (bytes == NULL) {
		g_prefix_error(error, "mail %" G_GINT64_FORMAT ": ", row->id);
		return false;
	}
	fill(r, row, bytes, ret);
	return true;
}

static bool
encrypted(MailRenderer *r, const MailOut *row, RenderedMail *ret, GError **error)
{
	RenderedMail plain = *ret;
	GBytes *bytes;

	if (r->encrypt == NULL)
		r->encrypt =
		    encrypt_open(settings_text(r->work->settings, SET_MAIL_KEYS), error);
	bytes = r->encrypt != NULL
		    ? encrypt_mail(r->encrypt, row->key, plain.bytes, error)
		    : NULL;
	if (bytes == NULL) {
		g_prefix_error(error, "mail %" G_GINT64_FORMAT " to a key: ", row->id);
		return false;
	}
	rendered_mail_clear(ret);
	fill(r, row, bytes, ret);
	ret->encrypted = true;
	return true;
}

bool
mail_render_final(MailRenderer *r, const MailOut *row, RenderedMail *ret, GError **error)
{
	const char *mode = settings_text(r->work->settings, SET_MAIL_ENCRYPT);

	if (row->made != NULL) {
		fill(r, row, g_bytes_ref(row->made), ret);
		ret->encrypted = true;
		return true;
	}
	if (strcmp(mode, "must") == 0 && row->key == NULL && row->sealed->len > 0)
		return err_set(error, TP_ERROR_INVALID,
		    "mail %" G_GINT64_FORMAT
		    ": mail.encrypt is 'must', and there is no key of its recipient",
		    row->id);
	if (!mail_render(r, row, ret, error))
		return false;
	return row->key == NULL || strcmp(mode, "off") == 0 ||
	       encrypted(r, row, ret, error);
}
