/*
 * parse_json.c - ParsedMail to the record that leaves the parser child.
 */
#include "mailer/parse_json.h"

#include <string.h>

#include "queue/clock.h"
#include "queue/limits.h"

json_t *
parse_json_text(const char *text, size_t max_bytes)
{
	g_autofree char *valid = NULL;
	size_t n;

	if (text == NULL)
		return json_null();
	valid = g_utf8_make_valid(text, -1);
	n = strlen(valid);
	if (n > max_bytes)
		n = (size_t)(g_utf8_find_prev_char(valid, valid + max_bytes + 1) - valid);
	return json_stringn_nocheck(valid, n);
}

static json_t *
line(const char *text)
{
	return parse_json_text(text, LIMIT_INTAKE_HEADER_BYTES);
}

static json_t *
date(int64_t at)
{
	g_autoptr(GDateTime) time = NULL;
	g_autofree char *text = NULL;

	if (at == 0)
		return json_null();
	time = g_date_time_new_from_unix_utc(at / US_PER_S);
	text = time == NULL ? NULL : g_date_time_format(time, "%Y-%m-%dT%H:%M:%SZ");
	return line(text);
}

static json_t *
addresses(const ParsedAddresses *rows)
{
	json_t *list = json_array();

	for (size_t i = 0; i < rows->n; i++)
		if (rows->rows[i].address != NULL)
			json_array_append_new(list, line(rows->rows[i].address));
	return list;
}

static json_t *
attachments(const ParsedMail *mail)
{
	json_t *list = json_array();

	for (size_t i = 0; i < mail->n_parts; i++) {
		const ParsedPart *part = &mail->parts[i];
		g_autofree char *sha256 = NULL;

		if (!part->is_attachment)
			continue;
		sha256 = g_compute_checksum_for_data(
		    G_CHECKSUM_SHA256, part->bytes, part->length);
		json_array_append_new(
		    list, json_pack("{s:o, s:o, s:I, s:s}", "name", line(part->name),
			      "type", line(part->type), "size", (json_int_t)part->length,
			      "sha256", sha256));
	}
	return list;
}

static json_t *
structure(const ParsedMail *mail)
{
	json_t *list = json_array();

	for (size_t i = 0; i < mail->n_parts; i++) {
		const ParsedPart *part = &mail->parts[i];

		json_array_append_new(
		    list, json_pack("{s:o, s:i, s:i, s:I}", "type", line(part->type),
			      "depth", part->depth, "parent", part->parent, "size",
			      (json_int_t)part->length));
	}
	return list;
}

static json_t *
flaws(unsigned bits)
{
	json_t *list = json_array();

	for (unsigned bit = 1; bit != 0 && bit <= bits; bit <<= 1)
		if (bits & bit)
			json_array_append_new(
			    list, json_string(parse_flaw_name((ParseFlaw)bit)));
	return list;
}

json_t *
parse_to_json(const ParsedMail *mail)
{
	bool one_sender = mail->n_from_fields == 1 && mail->from.n == 1;
	const ParsedAddress *from = one_sender ? mail->from.rows : NULL;

	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:I, s:o, s:o}", "from",
	    line(from == NULL ? NULL : from->address), "from_name",
	    line(from == NULL ? NULL : from->name), "to", addresses(&mail->to), "subject",
	    line(mail->subject), "date", date(mail->date_at), "message_id",
	    line(mail->message_id), "attachments", attachments(mail), "parts",
	    (json_int_t)mail->n_parts, "structure", structure(mail), "flaws",
	    flaws(mail->flaws));
}
