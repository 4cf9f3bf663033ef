/*
 * mime.c - compose a message, once, to final bytes.
 *
 * Both mail libraries at hand compose with random boundaries and raw 8-bit header values;
 * ours has to be the same at each retry.  Everything is appended to one string whose size
 * is estimated first, so that nothing is copied twice.
 */
#include "mailer/mime.h"

#include <string.h>

#include "mailer/addr.h"
#include "mailer/encode.h"
#include "mailer/header.h"
#include "mailer/msgid.h"
#include "queue/limits.h"

typedef struct Composer {
	const Mail *mail;
	GString *out;
	char boundary[MSGID_BOUNDARY_SIZE]; /* a level's letter follows */
} Composer;

/* ---- the tree ---- */

static void
open_multipart(Composer *c, const char *kind, char level)
{
	g_string_append_printf(c->out,
	    "Content-Type: multipart/%s;\r\n boundary=\"%s%c\"\r\n\r\n--%s%c\r\n", kind,
	    c->boundary, level, c->boundary, level);
}

/* The line end in front of a delimiter belongs to it (RFC 2046 5.1.1): without one of its
 * own a part would lose its last. */
static void
next_part(Composer *c, char level)
{
	g_string_append_printf(c->out, "\r\n--%s%c\r\n", c->boundary, level);
}

static void
close_multipart(Composer *c, char level)
{
	g_string_append_printf(c->out, "\r\n--%s%c--\r\n", c->boundary, level);
}

static void
put_text(Composer *c)
{
	g_autofree char *flowed = encode_flowed(c->mail->text);

	g_string_append(c->out,
	    "Content-Type: text/plain; charset=utf-8; format=flowed; delsp=no\r\n"
	    "Content-Transfer-Encoding: quoted-printable\r\n\r\n");
	encode_quoted_printable(c->out, flowed, strlen(flowed));
}

static void
put_html(Composer *c)
{
	g_string_append(c->out, "Content-Type: text/html; charset=utf-8\r\n"
				"Content-Transfer-Encoding: quoted-printable\r\n\r\n");
	encode_quoted_printable(c->out, c->mail->html, strlen(c->mail->html));
}

static void
put_disposition(Composer *c, const char *kind, const char *filename)
{
	g_autofree char *safe = filename == NULL ? NULL : header_file_name(filename);
	const HeaderParam params[] = { { "filename", safe }, { NULL, NULL } };

	header_put_params(c->out, "Content-Disposition", kind, params, c->mail->language);
}

static bool
is_7bit(const char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if ((unsigned char)bytes[i] >= 0x80)
			return false;
	}
	return true;
}

static bool
is_message(const MailPart *part)
{
	return g_ascii_strcasecmp(part->type, "message/rfc822") == 0;
}

static void
put_base64_part(Composer *c, const char *type, const MailPart *part, const char *kind)
{
	g_string_append_printf(
	    c->out, "Content-Type: %s\r\nContent-Transfer-Encoding: base64\r\n", type);
	if (part->content_id != NULL)
		g_string_append_printf(c->out, "Content-ID: <%s>\r\n", part->content_id);
	put_disposition(c, kind, part->filename);
	g_string_append(c->out, "\r\n");
	encode_base64(c->out, part->bytes, part->length);
}

static void
put_file(Composer *c, const MailPart *part)
{
	const char *bytes = part->bytes;

	if (!is_message(part)) {
		put_base64_part(c, part->type, part, "attachment");
		return;
	}
	/* RFC 2046 5.2.1 lets no encoding touch a message/rfc822; RFC 6532 3.7 names
	 * the type for one with UTF-8 in its header, and lets that be encoded. */
	if (!is_7bit(bytes, part->length)) {
		put_base64_part(c, "message/global", part, "attachment");
		return;
	}
	g_string_append(c->out,
	    "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: 7bit\r\n");
	put_disposition(c, "attachment", part->filename);
	g_string_append(c->out, "\r\n");
	g_string_append_len(c->out, bytes, (gssize)part->length);
	if (part->length < 2 || memcmp(bytes + part->length - 2, "\r\n", 2) != 0)
		g_string_append(c->out, "\r\n");
}

static void
put_related(Composer *c)
{
	const Mail *mail = c->mail;

	if (mail->n_pictures == 0) {
		put_html(c);
		return;
	}
	/* RFC 2387 3.1 wants the type of the root. */
	open_multipart(c, "related; type=\"text/html\"", 'r');
	put_html(c);
	for (size_t i = 0; i < mail->n_pictures; i++) {
		next_part(c, 'r');
		put_base64_part(c, mail->pictures[i].type, &mail->pictures[i], "inline");
	}
	close_multipart(c, 'r');
}

static void
put_alternative(Composer *c)
{
	if (c->mail->html == NULL) {
		put_text(c);
		return;
	}
	open_multipart(c, "alternative", 'a');
	put_text(c);
	next_part(c, 'a');
	put_related(c);
	close_multipart(c, 'a');
}

static void
put_body(Composer *c)
{
	if (c->mail->n_files == 0) {
		put_alternative(c);
		return;
	}
	open_multipart(c, "mixed", 'm');
	put_alternative(c);
	for (size_t i = 0; i < c->mail->n_files; i++) {
		next_part(c, 'm');
		put_file(c, &c->mail->files[i]);
	}
	close_multipart(c, 'm');
}

/* ---- the header ---- */

static bool
put_mailbox(Composer *c, const char *field, const MailBox *box, GError **error)
{
	g_autoptr(MailAddr) addr = NULL;
	g_autofree char *address = NULL;
	g_autofree char *display = NULL;

	if (box->address == NULL)
		return err_set(error, TP_ERROR_INVALID, "%s has no address", field);
	addr = addr_parse(box->address, -1, error);
	if (addr == NULL) {
		g_prefix_error(error, "%s: ", field);
		return false;
	}
	address = addr_format(addr);
	display = box->name == NULL ? NULL : addr_display_name(box->name);
	header_put_mailbox(c->out, field, display, address);
	return true;
}

static void
put_references(Composer *c)
{
	const Mail *mail = c->mail;
	g_autoptr(GString) ids = g_string_new(NULL);

	for (size_t i = 0; mail->references != NULL && mail->references[i] != NULL; i++)
		g_string_append_printf(
		    ids, "%s<%s>", i > 0 ? " " : "", mail->references[i]);
	if (ids->len > 0)
		header_put_words(c->out, "References", ids->str);
}

/* Readers take the first they know; the one that takes no mail comes first. */
static void
put_unsubscribe(GString *out, const Mail *mail)
{
	const char *url = mail->unsubscribe_url;

	if (url != NULL)
		g_string_append_printf(out, "List-Unsubscribe: <%s>%s", url,
		    mail->unsubscribe_mail != NULL ? ",\r\n " : "\r\n");
	if (mail->unsubscribe_mail != NULL)
		g_string_append_printf(out, "%s<mailto:%s?subject=unsubscribe>\r\n",
		    url != NULL ? "" : "List-Unsubscribe:\r\n ", mail->unsubscribe_mail);
	if (url != NULL)
		g_string_append(
		    out, "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n");
}

static bool
put_header(Composer *c, GError **error)
{
	const Mail *mail = c->mail;
	GString *out = c->out;

	header_put_date(out, "Date", mail->date_at, mail->date_offset_s);
	if (!put_mailbox(c, "From", &mail->from, error))
		return false;
	if (mail->reply_to.address != NULL &&
	    !put_mailbox(c, "Reply-To", &mail->reply_to, error))
		return false;
	if (!put_mailbox(c, "To", &mail->to, error))
		return false;
	header_put_text(out, "Subject", mail->subject);
	g_string_append_printf(out, "Message-ID: <%s>\r\n", mail->message_id);
	if (mail->in_reply_to != NULL)
		g_string_append_printf(out, "In-Reply-To: <%s>\r\n", mail->in_reply_to);
	put_references(c);
	g_string_append(out, mail->auto_replied ? "Auto-Submitted: auto-replied\r\n"
						: "Auto-Submitted: auto-generated\r\n");
	g_string_append(out, "X-Auto-Response-Suppress: OOF, AutoReply\r\n");
	if (mail->loop != NULL)
		header_put_words(out, "X-Loop", mail->loop);
	put_unsubscribe(out, mail);
	if (mail->language != NULL)
		g_string_append_printf(out, "Content-Language: %s\r\n", mail->language);
	g_string_append(out, "MIME-Version: 1.0\r\n");
	return true;
}

/* ---- checks ---- */

static bool
is_language(const char *text)
{
	return *text != '\0' && strlen(text) <= 35 &&
	       text[strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				 "0123456789-")] == '\0';
}

static bool
is_header_token(const char *text, size_t max)
{
	size_t length = strlen(text);

	for (size_t i = 0; i < length; i++) {
		if (!g_ascii_isgraph(text[i]) || text[i] == '<' || text[i] == '>')
			return false;
	}
	return length > 0 && length <= max;
}

/* "type/subtype" with parameters of printable ASCII. */
static bool
is_type(const char *text)
{
	const char *slash = text == NULL ? NULL : strchr(text, '/');

	if (slash == NULL || slash == text || slash[1] == '\0' || strlen(text) > 200)
		return false;
	for (const char *p = text; *p != '\0'; p++) {
		if (!g_ascii_isprint(*p))
			return false;
	}
	return g_ascii_strncasecmp(text, "multipart/", 10) != 0;
}

/* A message that is carried as it is must hold to the same rules as the one around it. */
static bool
check_message_part(const Composer *c, const MailPart *part, GError **error)
{
	const char *bytes = part->bytes;
	size_t line = 0;

	for (size_t i = 0; i < part->length; i++) {
		bool cr = bytes[i] == '\r';
		bool crlf = cr && i + 1 < part->length && bytes[i + 1] == '\n';

		if (bytes[i] == '\0')
			return err_set(
			    error, TP_ERROR_INVALID, "attached message has a NUL byte");
		if ((cr && !crlf) || bytes[i] == '\n')
			return err_set(error, TP_ERROR_INVALID,
			    "attached message has a bare line end");
		if (crlf) {
			line = 0;
			i++;
		} else if (++line > LIMIT_MAIL_LINE_BYTES) {
			return err_set(error, TP_ERROR_INVALID,
			    "attached message has a line above %d bytes",
			    (int)LIMIT_MAIL_LINE_BYTES);
		}
	}
	if (memmem(bytes, part->length, c->boundary, strlen(c->boundary)) != NULL)
		return err_set(error, TP_ERROR_INVALID,
		    "attached message has the Message-ID of the one around it");
	return true;
}

static bool
check_parts(const Composer *c, const MailPart *parts, size_t n, GError **error)
{
	for (size_t i = 0; i < n; i++) {
		const MailPart *part = &parts[i];

		if (!is_type(part->type))
			return err_set(error, TP_ERROR_INVALID,
			    "part %d has no usable type", (int)i + 1);
		if (part->content_id != NULL && !is_header_token(part->content_id, 200))
			return err_set(error, TP_ERROR_INVALID,
			    "part %d has an unusable content id", (int)i + 1);
		if (is_message(part) && !check_message_part(c, part, error))
			return false;
	}
	return true;
}

static bool
check_mail(const Composer *c, GError **error)
{
	const Mail *mail = c->mail;
	size_t n = 0;

	if (mail->text == NULL)
		return err_set(error, TP_ERROR_INVALID, "mail has no text part");
	if (mail->subject == NULL)
		return err_set(error, TP_ERROR_INVALID, "mail has no subject");
	if (!g_utf8_validate(mail->text, -1, NULL) ||
	    (mail->html != NULL && !g_utf8_validate(mail->html, -1, NULL)))
		return err_set(error, TP_ERROR_INVALID, "mail text is not valid UTF-8");
	if (mail->n_pictures > 0 && mail->html == NULL)
		return err_set(
		    error, TP_ERROR_INVALID, "mail has pictures but no HTML part");
	if (mail->language != NULL && !is_language(mail->language))
		return err_set(error, TP_ERROR_INVALID, "mail language is not a tag");
	if (mail->in_reply_to != NULL && !msgid_is_valid(mail->in_reply_to))
		return err_set(
		    error, TP_ERROR_INVALID, "in-reply-to is not a Message-ID");
	for (; mail->references != NULL && mail->references[n] != NULL; n++) {
		if (n >= LIMIT_MAIL_REFERENCES || !msgid_is_valid(mail->references[n]))
			return err_set(error, TP_ERROR_INVALID,
			    "references hold more than %d entries or one that is not a "
			    "Message-ID",
			    (int)LIMIT_MAIL_REFERENCES);
	}
	if (mail->unsubscribe_url != NULL &&
	    (!g_str_has_prefix(mail->unsubscribe_url, "https://") ||
		!is_header_token(mail->unsubscribe_url, 900)))
		return err_set(
		    error, TP_ERROR_INVALID, "unsubscribe address is not an https URL");
	if (mail->unsubscribe_mail != NULL &&
	    (!is_header_token(mail->unsubscribe_mail, 300) ||
		strpbrk(mail->unsubscribe_mail, "?,") != NULL))
		return err_set(
		    error, TP_ERROR_INVALID, "unsubscribe address cannot be used");
	return check_parts(c, mail->pictures, mail->n_pictures, error) &&
	       check_parts(c, mail->files, mail->n_files, error);
}

/* Close enough that the string is allocated once. */
static size_t
estimate(const Mail *mail)
{
	size_t size = 2048 + strlen(mail->text) * 9 / 8;

	if (mail->html != NULL)
		size += strlen(mail->html) * 9 / 8;
	for (size_t i = 0; i < mail->n_pictures; i++)
		size += 512 + mail->pictures[i].length * 11 / 8;
	for (size_t i = 0; i < mail->n_files; i++)
		size += 512 + mail->files[i].length * 11 / 8;
	return size;
}

GBytes *
mime_compose(const Mail *mail, GError **error)
{
	Composer c = { .mail = mail };
	GBytes *bytes;

	if (mail->message_id == NULL || !msgid_is_valid(mail->message_id)) {
		(void)err_set(error, TP_ERROR_INVALID, "mail has no usable Message-ID");
		return NULL;
	}
	msgid_boundary(mail->message_id, c.boundary);
	if (!check_mail(&c, error))
		return NULL;
	c.out = g_string_sized_new(estimate(mail));
	if (!put_header(&c, error)) {
		g_string_free(c.out, TRUE);
		return NULL;
	}
	put_body(&c);
	if (c.out->len > LIMIT_MAIL_BYTES) {
		(void)err_set(error, TP_ERROR_INVALID,
		    "mail has %" G_GSIZE_FORMAT " bytes, more than %d", c.out->len,
		    (int)LIMIT_MAIL_BYTES);
		g_string_free(c.out, TRUE);
		return NULL;
	}
	/* Hundreds of messages wait at once, and a string's room is a power of two. */
	bytes = g_bytes_new(c.out->str, c.out->len);
	g_string_free(c.out, TRUE);
	return bytes;
}
