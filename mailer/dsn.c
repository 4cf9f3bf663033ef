/*
 * dsn.c - groups of fields to recipients.
 *
 * RFC 3464 2.1: the first group is about the message, each further one about a recipient,
 * empty lines between.  Real reports put all into one group, or an empty line behind
 * every field; so a group counts by what is in it, and fields without a recipient of
 * their own go to the one before.
 */
#include "mailer/dsn.h"

#include <string.h>

/* clang-format off */
static const char *const action_names[] = {
	[DSN_FAILED]    = "failed",
	[DSN_DELAYED]   = "delayed",
	[DSN_DELIVERED] = "delivered",
	[DSN_RELAYED]   = "relayed",
	[DSN_EXPANDED]  = "expanded",
};

/* What servers write in place of the five words. */
static const struct {
	const char *word;
	DsnAction action;
} action_words[] = {
	{ "failed", DSN_FAILED },       { "failure", DSN_FAILED },
	{ "permanent", DSN_FAILED },    { "undeliverable", DSN_FAILED },
	{ "delayed", DSN_DELAYED },     { "delay", DSN_DELAYED },
	{ "deferred", DSN_DELAYED },    { "delivered", DSN_DELIVERED },
	{ "deliverable", DSN_DELIVERED }, { "relayed", DSN_RELAYED },
	{ "expanded", DSN_EXPANDED },
};
/* clang-format on */

const char *
dsn_action_name(DsnAction action)
{
	return action_names[action];
}

bool
dsn_action_from_name(const char *name, DsnAction *ret)
{
	for (size_t i = 0; i < G_N_ELEMENTS(action_names); i++)
		if (g_ascii_strcasecmp(name, action_names[i]) == 0) {
			*ret = (DsnAction)i;
			return true;
		}
	return false;
}

static bool
action_read(const char *value, DsnAction *ret)
{
	size_t n = strspn(value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");

	for (size_t i = 0; i < G_N_ELEMENTS(action_words); i++)
		if (strlen(action_words[i].word) == n &&
		    g_ascii_strncasecmp(value, action_words[i].word, n) == 0) {
			*ret = action_words[i].action;
			return true;
		}
	return false;
}

/* One line for people, cut to the limit at a character. */
static char *
text_of(const char *raw)
{
	g_autofree char *text = decode_words(raw);
	GString *out = g_string_new(NULL);

	for (const char *at = text; *at != '\0' && out->len < LIMIT_DSN_TEXT_BYTES - 4;
	     at = g_utf8_next_char(at)) {
		gunichar c = g_utf8_get_char(at);

		if (!g_unichar_isspace(c))
			g_string_append_unichar(out, c);
		else if (out->len > 0 && out->str[out->len - 1] != ' ')
			g_string_append_c(out, ' ');
	}
	return g_strchomp(g_string_free(out, FALSE));
}

/* What stands behind "type;" (2.1.2).  *ret_type, where wanted, is lower case or "". */
static const char *
behind_type(const char *value, char **ret_type)
{
	size_t n = strcspn(value, "; \t@<");
	bool typed = value[n + strspn(value + n, " \t")] == ';' && n > 0;

	if (ret_type != NULL)
		*ret_type = g_ascii_strdown(value, typed ? (gssize)n : 0);
	if (!typed)
		return value;
	value += n + strspn(value + n, " \t") + 1;
	return value + strspn(value, " \t");
}

/* RFC 6533 3: "\x{E4}" in utf-8 addresses. */
static char *
decode_unitext(const char *text)
{
	GString *out = g_string_new(NULL);

	while (*text != '\0') {
		char *end = NULL;
		guint64 c = g_str_has_prefix(text, "\\x{")
				? g_ascii_strtoull(text + 3, &end, 16)
				: 0;

		if (end != NULL && *end == '}' && c >= 0x20 && c <= 0x10ffff &&
		    g_unichar_validate((gunichar)c)) {
			g_string_append_unichar(out, (gunichar)c);
			text = end + 1;
		} else {
			g_string_append_c(out, *text++);
		}
	}
	return g_string_free(out, FALSE);
}

/* The address of a Final- or Original-Recipient; NULL: none. */
static char *
address_of(const char *value, bool xtext)
{
	g_autofree char *type = NULL;
	const char *raw = behind_type(value, &type);
	g_autofree char *decoded = strncmp(type, "utf-8", 5) == 0 ? decode_unitext(raw)
				   : xtext                        ? decode_xtext(raw)
								  : g_strdup(raw);
	const char *open = strchr(decoded, '<');
	const char *close = open == NULL ? NULL : strchr(open, '>');
	g_autofree char *bare = close == NULL
				    ? g_strndup(decoded, strcspn(decoded, " \t("))
				    : g_strndup(open + 1, (gsize)(close - open - 1));
	g_autofree char *text = text_of(bare);

	return *text == '\0' ? NULL : g_steal_pointer(&text);
}

static void
rcpt_clear(DsnRecipient *rcpt)
{
	g_free(rcpt->final);
	g_free(rcpt->original);
	g_free(rcpt->diagnostic);
	g_free(rcpt->remote_mta);
}

/* Recipients under construction. */
typedef struct Draft {
	DsnRecipient rcpt;
	bool has_action;
} Draft;

static void
draft_clear(void *p)
{
	rcpt_clear(&((Draft *)p)->rcpt);
}

static void
set_once(char **to, char *text)
{
	if (*to == NULL)
		*to = text;
	else
		g_free(text);
}

static void
rcpt_field(Draft *draft, const ParsedHeader *field)
{
	DsnRecipient *rcpt = &draft->rcpt;
	size_t n;

	if (g_ascii_strcasecmp(field->name, "Final-Recipient") == 0) {
		set_once(&rcpt->final, address_of(field->value, false));
	} else if (g_ascii_strcasecmp(field->name, "Original-Recipient") == 0) {
		set_once(&rcpt->original, address_of(field->value, true));
	} else if (g_ascii_strcasecmp(field->name, "Action") == 0) {
		draft->has_action |= action_read(field->value, &rcpt->action);
	} else if (g_ascii_strcasecmp(field->name, "Status") == 0) {
		if (rcpt->status.class == 0)
			(void)ecode_parse(field->value, &rcpt->status, &n);
	} else if (g_ascii_strcasecmp(field->name, "Diagnostic-Code") == 0) {
		set_once(&rcpt->diagnostic, text_of(behind_type(field->value, NULL)));
	} else if (g_ascii_strcasecmp(field->name, "Remote-MTA") == 0) {
		set_once(&rcpt->remote_mta, text_of(behind_type(field->value, NULL)));
	}
}

static bool
names_recipient(const ParsedHeaders *group)
{
	return parsed_headers_find(group, "Final-Recipient") != NULL ||
	       parsed_headers_find(group, "Original-Recipient") != NULL;
}

static void
group_read(const ParsedHeaders *group, Dsn *dsn, GArray *drafts)
{
	bool fresh = names_recipient(group);
	Draft *last;

	for (size_t i = 0; i < group->n; i++) {
		const ParsedHeader *field = &group->rows[i];

		if (g_ascii_strcasecmp(field->name, "Reporting-MTA") == 0)
			set_once(&dsn->reporting_mta,
			    text_of(behind_type(field->value, NULL)));
		else if (g_ascii_strcasecmp(field->name, "Original-Envelope-Id") == 0)
			set_once(&dsn->envelope_id, decode_xtext(field->value));
	}
	if (fresh && drafts->len > 0) {
		/* "Original-Recipient", empty line, "Final-Recipient": one recipient. */
		last = &g_array_index(drafts, Draft, drafts->len - 1);
		if (last->rcpt.final == NULL && !last->has_action)
			fresh = false;
	}
	if (fresh) {
		Draft draft = { 0 };

		if (drafts->len >= LIMIT_DSN_RECIPIENTS)
			return;
		g_array_append_val(drafts, draft);
	}
	if (drafts->len == 0)
		return;
	last = &g_array_index(drafts, Draft, drafts->len - 1);
	for (size_t i = 0; i < group->n; i++)
		rcpt_field(last, &group->rows[i]);
}

/* The action of a recipient whose report forgot it; false: nothing tells. */
static bool
action_guess(DsnRecipient *rcpt)
{
	int class = rcpt->status.class;

	if (class == 0 && rcpt->diagnostic != NULL &&
	    g_ascii_isdigit(rcpt->diagnostic[0]))
		class = rcpt->diagnostic[0] - '0';
	switch (class) {
	case 2:
		rcpt->action = DSN_DELIVERED;
		return true;
	case 4:
		rcpt->action = DSN_DELAYED;
		return true;
	case 5:
		rcpt->action = DSN_FAILED;
		return true;
	default:
		return false;
	}
}

static bool
groups_read(
    const uint8_t *at, const uint8_t *end, Dsn *dsn, GArray *drafts, GError **error)
{
	while (at < end) {
		ParsedHeaders group = { 0 };
		size_t used;

		if (!parse_headers(at, (size_t)(end - at), &group, &used, error))
			return false;
		group_read(&group, dsn, drafts);
		parsed_headers_clear(&group);
		if (used == 0) { /* a line that is no field: pass over it */
			const uint8_t *newline = memchr(at, '\n', (size_t)(end - at));

			used = newline == NULL ? (size_t)(end - at)
					       : (size_t)(newline - at) + 1;
		}
		at += used;
	}
	return true;
}

Dsn *
dsn_parse(const void *bytes, size_t length, GError **error)
{
	const uint8_t *start = bytes;
	g_autoptr(Dsn) dsn = g_new0(Dsn, 1);
	g_autoptr(GArray) drafts = g_array_new(FALSE, FALSE, sizeof(Draft));

	g_array_set_clear_func(drafts, draft_clear);
	if (!groups_read(start, start + length, dsn, drafts, error)) {
		g_prefix_error(error, "delivery status: ");
		return NULL;
	}
	dsn->rcpts = g_new0(DsnRecipient, drafts->len + 1);
	for (guint i = 0; i < drafts->len; i++) {
		Draft *draft = &g_array_index(drafts, Draft, i);
		DsnRecipient *rcpt = &draft->rcpt;

		if ((rcpt->final == NULL && rcpt->original == NULL) ||
		    (!draft->has_action && !action_guess(rcpt)))
			continue;
		dsn->rcpts[dsn->n_rcpts++] = *rcpt;
		*rcpt = (DsnRecipient){ 0 };
	}
	if (dsn->n_rcpts == 0) {
		err_set(error, TP_ERROR_INVALID,
		    "delivery status: no recipient with address and action");
		return NULL;
	}
	return g_steal_pointer(&dsn);
}

int
dsn_read(const ParsedMail *mail, Dsn **ret, GError **error)
{
	const char *report =
	    decoded_field_find(mail->parts[0].content_type, "report-type");
	bool says_so = strcmp(mail->parts[0].type, "multipart/report") == 0 &&
		       report != NULL &&
		       g_ascii_strcasecmp(report, "delivery-status") == 0;

	for (size_t i = 0; i < mail->n_parts; i++) {
		const ParsedPart *part = &mail->parts[i];

		if (part->message != 0 || part->kind != PARSED_LEAF ||
		    (strcmp(part->type, "message/delivery-status") != 0 &&
			strcmp(part->type, "message/global-delivery-status") != 0))
			continue;
		*ret = dsn_parse(part->bytes, part->length, error);
		return *ret == NULL ? -1 : 1;
	}
	if (says_so)
		return err_set_int(error, TP_ERROR_INVALID,
		    "a delivery status report without its message/delivery-status part");
	return 0;
}

void
dsn_free(Dsn *dsn)
{
	if (dsn == NULL)
		return;
	for (size_t i = 0; i < dsn->n_rcpts; i++)
		rcpt_clear(&dsn->rcpts[i]);
	g_free(dsn->rcpts);
	g_free(dsn->reporting_mta);
	g_free(dsn->envelope_id);
	g_free(dsn);
}
