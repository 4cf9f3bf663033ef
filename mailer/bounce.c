/*
 * bounce.c - from what servers say to rows about recipients.
 */
#include "mailer/bounce_private.h"

#include <string.h>

#include "mailer/parse_json.h"
#include "queue/limits.h"

/* clang-format off */
/* Feedback types (RFC 5965 7.3) by which a person complains. */
static const char *const complaints[] = { "abuse", "fraud", "other", "opt-out", "virus" };
/* clang-format on */

static char *
reason_line(const char *text)
{
	g_autofree char *words_only = decode_words(text);
	g_autofree char *masked = bounce_mask_codes(words_only);
	GString *out = g_string_new(NULL);

	for (const char *at = masked;
	     *at != '\0' && out->len < LIMIT_BOUNCE_REASON_BYTES - 4;
	     at = g_utf8_next_char(at)) {
		gunichar c = g_utf8_get_char(at);

		if (!g_unichar_isspace(c))
			g_string_append_unichar(out, c);
		else if (out->len > 0 && out->str[out->len - 1] != ' ')
			g_string_append_c(out, ' ');
	}
	return g_strchomp(g_string_free(out, FALSE));
}

static void
row_clear(void *p)
{
	BounceRow *row = p;

	g_free(row->recipient);
	g_free(row->reason);
}

static void
row_add(GArray *rows, const char *recipient, DsnAction action, EnhancedCode status,
    const char *text, const char *page)
{
	BounceRow row = { .action = action, .status = status };

	row.recipient = g_strdup(recipient);
	row.class = bounce_classify(text, status, &row.holds_domain, &row.rule);
	if (action == DSN_DELIVERED || action == DSN_RELAYED || action == DSN_EXPANDED) {
		row.class = BOUNCE_NONE;
		row.holds_domain = false;
		row.rule = "success";
	} else if (page != NULL && status.subject == 0 &&
		   (strcmp(row.rule, "unknown") == 0 ||
		       strcmp(row.rule, "refused") == 0)) {
		/* The codes say nothing (5.0.0): some servers tell only the reader. */
		row.class = bounce_classify(page, status, &row.holds_domain, &row.rule);
	}
	row.reason = reason_line(text != NULL ? text : "");
	g_array_append_val(rows, row);
}

/* What the text for people says about a recipient whom the report leaves without words.
 */
static const char *
text_about(GArray *found, const DsnRecipient *rcpt)
{
	for (guint i = 0; i < found->len; i++) {
		const BounceText *row = &g_array_index(found, BounceText, i);

		if ((rcpt->final != NULL &&
			g_ascii_strcasecmp(row->recipient, rcpt->final) == 0) ||
		    (rcpt->original != NULL &&
			g_ascii_strcasecmp(row->recipient, rcpt->original) == 0))
			return row->reason;
	}
	return NULL;
}

static void
rows_of_dsn(const Dsn *dsn, const ParsedMail *mail, GArray *rows)
{
	g_autofree char *page = g_strndup(mail->text, LIMIT_DSN_TEXT_BYTES * 4);
	g_autoptr(GArray) found = g_array_new(FALSE, FALSE, sizeof(BounceText));
	DsnAction action;

	g_array_set_clear_func(found, bounce_text_clear);
	(void)bounce_text_read(mail->text, found, &action);
	for (size_t i = 0; i < dsn->n_rcpts; i++) {
		const DsnRecipient *rcpt = &dsn->rcpts[i];
		const char *text = rcpt->diagnostic;

		if (text == NULL)
			text = text_about(found, rcpt);
		row_add(rows, rcpt->original != NULL ? rcpt->original : rcpt->final,
		    rcpt->action,
		    rcpt->status.class != 0 ? rcpt->status : bounce_code_in(text), text,
		    page);
	}
}

/* X-Failed-Recipients (Exim, Gmail): who is not in the text. */
static void
rows_of_header(const ParsedMail *mail, DsnAction action, GArray *rows)
{
	const char *value =
	    parsed_headers_find(parsed_mail_headers(mail), "X-Failed-Recipients");
	g_autofree char *page = NULL;
	g_auto(GStrv) names = NULL;

	if (value == NULL)
		return;
	page = g_strndup(mail->text, LIMIT_DSN_TEXT_BYTES);
	names = g_strsplit(value, ",", LIMIT_DSN_RECIPIENTS);
	for (size_t i = 0; names[i] != NULL; i++) {
		const char *rest;
		g_autofree char *address = bounce_address_at(names[i], &rest);
		bool known = address == NULL;

		for (guint k = 0; k < rows->len && !known; k++)
			known = g_ascii_strcasecmp(
				    g_array_index(rows, BounceRow, k).recipient,
				    address) == 0;
		if (!known)
			row_add(rows, address, action, bounce_code_in(page), page, NULL);
	}
}

static const char *
rows_of_text(const ParsedMail *mail, GArray *rows)
{
	g_autoptr(GArray) found = g_array_new(FALSE, FALSE, sizeof(BounceText));
	g_autofree char *page = g_strndup(mail->text, LIMIT_DSN_TEXT_BYTES);
	DsnAction action = DSN_FAILED;
	const char *shape;

	g_array_set_clear_func(found, bounce_text_clear);
	if (!bounce_from_server(mail))
		return NULL;
	shape = bounce_text_read(mail->text, found, &action);
	for (guint i = 0; i < found->len; i++) {
		const BounceText *row = &g_array_index(found, BounceText, i);
		/* Some name the address and explain elsewhere on the page. */
		const char *text = *row->reason == '\0' ? page : row->reason;

		row_add(rows, row->recipient, action, bounce_code_in(text), text, NULL);
	}
	rows_of_header(mail, action, rows);
	if (rows->len == 0)
		return NULL;
	return shape == NULL ? "header" : shape;
}

/* An ARF report; false: none, or one by which nobody complains. */
static bool
rows_of_complaint(const ParsedMail *mail, GArray *rows)
{
	int part;
	ParsedHeaders fields = { 0 };
	const char *type, *to;
	bool complaint = false;
	size_t used;

	if (parsed_mail_find(mail, "message/feedback-report", -1, &part) != 1 ||
	    mail->parts[part].message != 0 || mail->parts[part].kind != PARSED_LEAF ||
	    !parse_headers(
		mail->parts[part].bytes, mail->parts[part].length, &fields, &used, NULL))
		return false;
	type = parsed_headers_find(&fields, "Feedback-Type");
	for (size_t i = 0; type != NULL && i < G_N_ELEMENTS(complaints); i++)
		complaint |= g_ascii_strcasecmp(type, complaints[i]) == 0;
	if (complaint) {
		BounceRow row = {
			.action = DSN_DELIVERED,
			.class = BOUNCE_COMPLAINT,
			.rule = "feedback",
		};
		const char *rest;

		to = parsed_headers_find(&fields, "Original-Rcpt-To");
		if (to == NULL)
			to = parsed_headers_find(&fields, "Removal-Recipient");
		row.recipient = to == NULL ? NULL : bounce_address_at(to, &rest);
		row.reason = g_strdup_printf("feedback type %.20s", type);
		g_array_append_val(rows, row);
	}
	parsed_headers_clear(&fields);
	return complaint;
}

/* The header fields of the mail that came back, or NULL. */
static const ParsedHeaders *
returned_headers(const ParsedMail *mail)
{
	for (size_t i = 1; i < mail->n_parts; i++) {
		const ParsedPart *part = &mail->parts[i];

		if (mail->parts[part->parent].kind == PARSED_MESSAGE &&
		    mail->parts[part->parent].message == 0)
			return &part->headers;
	}
	return NULL;
}

/* "Message-ID: <...>" on a line of free text: the returned mail stands in it. */
static char *
message_id_in_text(const char *text)
{
	g_autofree char *page = g_strndup(text, LIMIT_BOUNCE_SCAN_BYTES);
	const char *at = page;
	const char *end;

	while ((at = bounce_phrase_find(at, "Message-ID:", &end)) != NULL) {
		if (at == page || at[-1] == '\n' || at[-1] == ' ') {
			g_autofree char *line = g_strndup(end, strcspn(end, "\r\n"));
			g_auto(GStrv) ids = parse_msgids(line);

			if (ids[0] != NULL && strchr(ids[0], '@') != NULL)
				return g_strdup(ids[0]);
		}
		at = end;
	}
	return NULL;
}

static char *
original_message_id(const ParsedMail *mail)
{
	static const char *const own[] = { "In-Reply-To", "References",
		"X-Original-Message-ID" };
	const ParsedHeaders *returned = returned_headers(mail);
	const char *value =
	    returned == NULL ? NULL : parsed_headers_find(returned, "Message-ID");
	char *id = value == NULL ? message_id_in_text(mail->text) : NULL;

	for (size_t i = 0; value == NULL && id == NULL && i < G_N_ELEMENTS(own); i++)
		value = parsed_headers_find(parsed_mail_headers(mail), own[i]);
	if (value != NULL && id == NULL) {
		g_auto(GStrv) ids = parse_msgids(value);

		id = g_strdup(ids[0]);
	}
	return id;
}

static void
add_return_paths(GPtrArray *paths, const char *value, const char *domain)
{
	ParsedAddresses list = { 0 };

	if (value != NULL && parse_addresses(value, &list, NULL))
		for (size_t i = 0; i < list.n && paths->len < 8; i++) {
			const char *address = list.rows[i].address;
			const char *at = address == NULL ? NULL : strrchr(address, '@');

			if (at != NULL && strchr(address, '+') != NULL &&
			    g_ascii_strcasecmp(at + 1, domain) == 0 &&
			    !g_ptr_array_find_with_equal_func(
				paths, address, g_str_equal, NULL))
				g_ptr_array_add(paths, g_strdup(address));
		}
	parsed_addresses_clear(&list);
}

/* Where the bounce was sent to, and the envelope sender of what came back. */
static char **
return_paths(const ParsedMail *mail, const char *domain)
{
	static const char *const fields[] = { "Delivered-To", "X-Original-To",
		"Envelope-To", "To" };
	g_autoptr(GPtrArray) paths = g_ptr_array_new();
	const ParsedHeaders *headers = parsed_mail_headers(mail);
	const ParsedHeaders *returned = returned_headers(mail);

	for (size_t f = 0; f < G_N_ELEMENTS(fields); f++)
		for (size_t i = 0; i < headers->n; i++)
			if (g_ascii_strcasecmp(headers->rows[i].name, fields[f]) == 0)
				add_return_paths(paths, headers->rows[i].value, domain);
	if (returned != NULL)
		add_return_paths(
		    paths, parsed_headers_find(returned, "Return-Path"), domain);
	g_ptr_array_add(paths, NULL);
	return (char **)g_ptr_array_free(g_steal_pointer(&paths), FALSE);
}

int
bounce_read(const ParsedMail *mail, const char *domain, Bounce **ret, GError **error)
{
	g_autoptr(GArray) rows = g_array_new(FALSE, FALSE, sizeof(BounceRow));
	g_autoptr(GError) broken = NULL;
	g_autoptr(Dsn) dsn = NULL;
	const char *shape = NULL;
	Bounce *bounce;
	gsize n;

	g_array_set_clear_func(rows, row_clear);
	if (dsn_read(mail, &dsn, &broken) == 1) {
		shape = "dsn";
		rows_of_dsn(dsn, mail, rows);
	} else if (rows_of_complaint(mail, rows)) {
		shape = "arf";
	} else {
		/* A broken report often has a text that can be read. */
		shape = rows_of_text(mail, rows);
	}
	if (shape == NULL && broken != NULL) {
		g_propagate_error(error, g_steal_pointer(&broken));
		return -1;
	}
	if (shape == NULL)
		return 0;
	bounce = g_new0(Bounce, 1);
	bounce->shape = shape;
	bounce->original_message_id = original_message_id(mail);
	bounce->return_paths = return_paths(mail, domain);
	if (dsn != NULL)
		bounce->envelope_id = g_steal_pointer(&dsn->envelope_id);
	bounce->rows = (BounceRow *)(void *)g_array_steal(rows, &n);
	bounce->n_rows = n;
	*ret = bounce;
	return 1;
}

void
bounce_free(Bounce *bounce)
{
	if (bounce == NULL)
		return;
	for (size_t i = 0; i < bounce->n_rows; i++)
		row_clear(&bounce->rows[i]);
	g_free(bounce->rows);
	g_free(bounce->original_message_id);
	g_free(bounce->envelope_id);
	g_strfreev(bounce->return_paths);
	g_free(bounce);
}

/* ---- JSON ---- */

static json_t *
status_to_json(EnhancedCode status)
{
	g_autofree char *text = NULL;

	if (status.class == 0)
		return json_null();
	text = g_strdup_printf("%d.%d.%d", status.class, status.subject, status.detail);
	return json_string(text);
}

json_t *
bounce_to_json(const Bounce *bounce)
{
	json_t *rows = json_array();
	json_t *paths = json_array();

	for (size_t i = 0; i < bounce->n_rows; i++) {
		const BounceRow *row = &bounce->rows[i];

		json_array_append_new(
		    rows, json_pack("{s:o, s:s, s:o, s:s, s:o, s:b, s:s}", "recipient",
			      parse_json_text(row->recipient, LIMIT_DSN_TEXT_BYTES),
			      "action", dsn_action_name(row->action), "status",
			      status_to_json(row->status), "class",
			      bounce_class_name(row->class), "reason",
			      parse_json_text(row->reason, LIMIT_BOUNCE_REASON_BYTES),
			      "holds_domain", row->holds_domain, "rule", row->rule));
	}
	for (size_t i = 0; bounce->return_paths[i] != NULL; i++)
		json_array_append_new(paths,
		    parse_json_text(bounce->return_paths[i], LIMIT_DSN_TEXT_BYTES));
	return json_pack("{s:s, s:o, s:o, s:o, s:o}", "shape", bounce->shape,
	    "original_message_id",
	    parse_json_text(bounce->original_message_id, LIMIT_DSN_TEXT_BYTES),
	    "envelope_id", parse_json_text(bounce->envelope_id, LIMIT_DSN_TEXT_BYTES),
	    "return_paths", paths, "rows", rows);
}

json_t *
bounce_rows_to_json(const json_t *record, bool token_ok)
{
	static const char *const keys[] = { "recipient", "action", "status", "class",
		"reason" };
	json_t *rows = json_object_get(record, "rows");
	json_t *id = json_object_get(record, "original_message_id");
	json_t *out, *row;
	size_t i;

	if (!json_is_array(rows) || id == NULL)
		return NULL;
	out = json_array();
	json_array_foreach (rows, i, row) {
		json_t *to = json_object();

		for (size_t k = 0; k < G_N_ELEMENTS(keys); k++)
			json_object_set(to, keys[k], json_object_get(row, keys[k]));
		json_object_set(to, "original_message_id", id);
		json_object_set_new(to, "token_ok", json_boolean(token_ok));
		json_array_append_new(out, to);
	}
	return out;
}
