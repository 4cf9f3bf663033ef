/*
 * parse_body.c - which parts are files, and what the mail says.
 *
 * A part is an attachment when it is marked so, has a file name, or is neither text nor
 * one of the machine-readable parts of a report (RFC 6522, RFC 5965).  The body is every
 * text/plain part of the outer mail that is no attachment, in order: some mailers cut the
 * text around attachments.  Without any, the HTML parts are read instead.
 */
#include "mailer/parse_private.h"

#include <string.h>

#include "queue/limits.h"

/* clang-format off */
static const struct {
	ParseFlaw flaw;
	const char *name;
} flaws[] = {
	{ PARSE_FLAW_NO_BLANK_LINE, "no_blank_line" },
	{ PARSE_FLAW_UNCLOSED,      "unclosed" },
	{ PARSE_FLAW_NO_BOUNDARY,   "no_boundary" },
	{ PARSE_FLAW_TEXT_CUT,      "text_cut" },
	{ PARSE_FLAW_TNEF,          "tnef" },
	{ PARSE_FLAW_ENCODING,      "encoding" },
	{ PARSE_FLAW_ENCRYPTED,     "encrypted" },
};

static const char *const tnef_types[] = { "application/ms-tnef", "application/vnd.ms-tnef" };

static const char *const report_types[] = {
	"message/delivery-status", "message/global-delivery-status",
	"message/disposition-notification", "message/feedback-report",
};
/* clang-format on */

const char *
parse_flaw_name(ParseFlaw flaw)
{
	for (size_t i = 0; i < G_N_ELEMENTS(flaws); i++)
		if (flaws[i].flaw == flaw)
			return flaws[i].name;
	return "unknown";
}

static bool
type_in(const char *type, const char *const *types, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(type, types[i]) == 0)
			return true;
	return false;
}

static bool
is_attachment(const ParsedMail *mail, const ParsedPart *part)
{
	switch (part->kind) {
	case PARSED_MULTIPART:
		return false;
	case PARSED_MESSAGE: /* forwarded, unless it is the mail that a report is about */
		return part->parent >= 0 &&
		       strcmp(mail->parts[part->parent].type, "multipart/report") != 0;
	case PARSED_LEAF:
		break;
	}
	if (strcmp(part->disposition->value, "attachment") == 0 || part->name != NULL)
		return true;
	return !g_str_has_prefix(part->type, "text/") &&
	       !type_in(part->type, report_types, G_N_ELEMENTS(report_types));
}

/* CRLF and lone CR to LF. */
static void
normalise_lines(char *text)
{
	char *to = text;

	for (const char *at = text; *at != '\0'; at++) {
		if (*at == '\r') {
			*to++ = '\n';
			if (at[1] == '\n')
				at++;
		} else {
			*to++ = *at;
		}
	}
	*to = '\0';
}

char *
parsed_part_text(const ParsedPart *part)
{
	const char *charset = decoded_field_find(part->content_type, "charset");
	const char *format = decoded_field_find(part->content_type, "format");
	const char *delsp = decoded_field_find(part->content_type, "delsp");
	g_autofree char *text = decode_charset(
	    charset, part->bytes, MIN(part->length, LIMIT_INTAKE_TEXT_BYTES), NULL);

	normalise_lines(text);
	if (strcmp(part->type, "text/html") == 0)
		return decode_html(text);
	if (format != NULL && g_ascii_strcasecmp(format, "flowed") == 0)
		return decode_flowed(
		    text, delsp != NULL && g_ascii_strcasecmp(delsp, "yes") == 0);
	return g_steal_pointer(&text);
}

/* Appends the body parts of `type` of the outer mail; false: there is none. */
static bool
append_bodies(ParsedMail *mail, const char *type, GString *out)
{
	bool found = false;

	for (size_t i = 0; i < mail->n_parts; i++) {
		const ParsedPart *part = &mail->parts[i];
		g_autofree char *text = NULL;

		if (part->kind != PARSED_LEAF || part->message != 0 ||
		    part->is_attachment || strcmp(part->type, type) != 0)
			continue;
		if (part->length > LIMIT_INTAKE_TEXT_BYTES ||
		    out->len > LIMIT_INTAKE_TEXT_BYTES)
			mail->flaws |= PARSE_FLAW_TEXT_CUT;
		found = true;
		if (out->len > LIMIT_INTAKE_TEXT_BYTES)
			break;
		text = parsed_part_text(part);
		if (out->len > 0 && out->str[out->len - 1] != '\n')
			g_string_append_c(out, '\n');
		g_string_append(out, text);
	}
	return found;
}

static void
note_unreadable(ParsedMail *mail, const ParsedPart *part)
{
	const char *smime = decoded_field_find(part->content_type, "smime-type");
	bool pkcs7 = strcmp(part->type, "application/pkcs7-mime") == 0 ||
		     strcmp(part->type, "application/x-pkcs7-mime") == 0;

	if (type_in(part->type, tnef_types, G_N_ELEMENTS(tnef_types)) ||
	    (part->name != NULL && g_ascii_strcasecmp(part->name, "winmail.dat") == 0))
		mail->flaws |= PARSE_FLAW_TNEF;
	if (strcmp(part->type, "multipart/encrypted") == 0 ||
	    (pkcs7 && (smime == NULL || g_ascii_strcasecmp(smime, "signed-data") != 0)))
		mail->flaws |= PARSE_FLAW_ENCRYPTED;
}

void
parse_body(ParsedMail *mail)
{
	GString *text = g_string_new(NULL);

	for (size_t i = 0; i < mail->n_parts; i++) {
		mail->parts[i].is_attachment = is_attachment(mail, &mail->parts[i]);
		note_unreadable(mail, &mail->parts[i]);
	}
	if (!append_bodies(mail, "text/plain", text))
		mail->text_from_html = append_bodies(mail, "text/html", text);
	mail->text = g_string_free(text, FALSE);
}
