/*
 * sort.c - walks the table of sort_rules.def.
 */
#include "mailer/sort.h"

#include <string.h>

#include "mailer/bounce_private.h"
#include "mailer/parse_json.h"
#include "queue/limits.h"

typedef enum Test {
	HAS,
	STARTS,
	IS_NOT,
	PRESENT,
	REPORT,
	SELF_LOOP,
	FROM_SERVER,
	NULL_SENDER,
	FORWARD,
	VERB,
	FEED,
	DOCUMENT,
	ANYTHING,
} Test;

#define RULE(kind, test, field, word, name)
#define VERB_WORD(command, word)
#define DOCUMENT_TYPE(type)
#define DOCUMENT_SUFFIX(suffix)

/* clang-format off */
static const struct Rule {
	MailKind kind;
	Test test;
	const char *field;
	const char *word;
	const char *name;
} rules[] = {
#undef RULE
#define RULE(kind, test, field, word, name) { MAIL_KIND_##kind, test, field, word, name },
#include "mailer/sort_rules.def"
#undef RULE
#define RULE(kind, test, field, word, name)
};

static const struct {
	const char *command;
	const char *word;
} verbs[] = {
#undef VERB_WORD
#define VERB_WORD(command, word) { command, word },
#include "mailer/sort_rules.def"
#undef VERB_WORD
#define VERB_WORD(command, word)
};

static const char *const document_types[] = {
#undef DOCUMENT_TYPE
#define DOCUMENT_TYPE(type) type,
#include "mailer/sort_rules.def"
#undef DOCUMENT_TYPE
#define DOCUMENT_TYPE(type)
};

static const char *const document_suffixes[] = {
#undef DOCUMENT_SUFFIX
#define DOCUMENT_SUFFIX(suffix) suffix,
#include "mailer/sort_rules.def"
#undef DOCUMENT_SUFFIX
};

static const char *const kind_names[] = {
	[MAIL_KIND_BOUNCE]     = "bounce",
	[MAIL_KIND_DELAY]      = "delay",
	[MAIL_KIND_SUCCESS]    = "success",
	[MAIL_KIND_COMPLAINT]  = "complaint",
	[MAIL_KIND_LOOP]       = "loop",
	[MAIL_KIND_AUTO_REPLY] = "auto_reply",
	[MAIL_KIND_COMMAND]    = "command",
	[MAIL_KIND_ORDER]      = "order",
	[MAIL_KIND_OTHER]      = "other",
};

/* With what a subject may begin before it begins. */
static const char *const reply_marks[] = { "Re:", "Aw:", "Antw:", "Sv:" };
/* clang-format on */

const char *
mail_kind_name(MailKind kind)
{
	return kind_names[kind];
}

/* ---- tests ---- */

static bool
starts_with(const char *text, const char *word)
{
	return g_ascii_strncasecmp(text, word, strlen(word)) == 0;
}

/* Does any field `rule->field` fit?  Several of one name are one too many, and each
 * counts. */
static bool
field_fits(const struct Rule *rule, const ParsedHeaders *headers)
{
	for (size_t i = 0; i < headers->n; i++) {
		const char *end;
		g_autofree char *text = NULL;
		bool fits = false;

		if (g_ascii_strcasecmp(headers->rows[i].name, rule->field) != 0)
			continue;
		text = decode_words(headers->rows[i].value);
		g_strchug(text);
		switch (rule->test) {
		case HAS:
			fits = bounce_phrase_find(text, rule->word, &end) != NULL;
			break;
		case STARTS:
			fits = starts_with(text, rule->word);
			break;
		case IS_NOT:
			fits = !starts_with(text, rule->word) ||
			       g_ascii_isalpha(text[strlen(rule->word)]);
			break;
		default:
			fits = true;
			break;
		}
		if (fits)
			return true;
	}
	return false;
}

static bool
is_report(const ParsedMail *mail, const char *type)
{
	const char *report =
	    decoded_field_find(mail->parts[0].content_type, "report-type");

	return strcmp(mail->parts[0].type, "multipart/report") == 0 &&
	       (type == NULL ||
		   (report != NULL && g_ascii_strcasecmp(report, type) == 0));
}

static bool
is_own(const ParsedHeaders *headers, const char *loop)
{
	for (size_t i = 0; loop != NULL && i < headers->n; i++)
		if (g_ascii_strcasecmp(headers->rows[i].name, "X-Loop") == 0 &&
		    g_ascii_strcasecmp(headers->rows[i].value, loop) == 0)
			return true;
	return false;
}

static bool
has_null_sender(const ParsedHeaders *headers)
{
	const char *path = parsed_headers_find(headers, "Return-Path");

	return path != NULL && strspn(path, "<> \t") == strlen(path);
}

static bool
lists_address(const ParsedAddresses *list, const char *address)
{
	for (size_t i = 0; address != NULL && i < list->n; i++)
		if (list->rows[i].address != NULL &&
		    g_ascii_strcasecmp(list->rows[i].address, address) == 0)
			return true;
	return false;
}

static const char *
subject_start(const char *subject)
{
	bool again = true;

	while (again) {
		again = false;
		subject += strspn(subject, " \t");
		for (size_t i = 0; i < G_N_ELEMENTS(reply_marks); i++)
			if (starts_with(subject, reply_marks[i])) {
				subject += strlen(reply_marks[i]);
				again = true;
			}
	}
	return subject;
}

/* A verb as the first word of the subject; *ret_argument is what follows. */
static const char *
verb_find(const ParsedMail *mail, const char **ret_argument)
{
	const char *subject = subject_start(mail->subject);

	for (size_t i = 0; i < G_N_ELEMENTS(verbs); i++) {
		const char *behind = subject + strlen(verbs[i].word);

		if (starts_with(subject, verbs[i].word) &&
		    (*behind == '\0' || *behind == ' ')) {
			*ret_argument = behind + strspn(behind, " ");
			return verbs[i].command;
		}
	}
	return NULL;
}

/* Do the first bytes look like one of the order formats?  Their readers decide for sure.
 */
static bool
looks_like_document(const uint8_t *bytes, size_t length)
{
	g_autofree char *head = g_strndup((const char *)bytes, MIN(length, 512));
	const char *at = head;

	if (g_str_has_prefix(at, "\xef\xbb\xbf"))
		at += 3;
	at += strspn(at, " \t\r\n");
	if (*at == '{' || (*at == '[' && strspn(at + 1, " \t\r\n{\"") > 0) ||
	    starts_with(at, "<?xml") || g_str_has_prefix(at, "UNA") ||
	    g_str_has_prefix(at, "UNB+") || g_str_has_prefix(at, "%PDF-"))
		return true;
	/* The first row of a table: two known names and a separator. */
	head[(at - head) + (gsize)strcspn(at, "\r\n")] = '\0';
	return strpbrk(at, ",;") != NULL && strstr(at, "order") != NULL &&
	       strstr(at, "product") != NULL;
}

bool
sort_is_document(const ParsedPart *part)
{
	if (part->kind != PARSED_LEAF || part->length == 0)
		return false;
	for (size_t i = 0; i < G_N_ELEMENTS(document_types); i++)
		if (strcmp(part->type, document_types[i]) == 0)
			return true;
	for (size_t i = 0; part->name != NULL && i < G_N_ELEMENTS(document_suffixes);
	     i++) {
		size_t n = strlen(part->name);
		size_t m = strlen(document_suffixes[i]);

		if (n > m &&
		    g_ascii_strcasecmp(part->name + n - m, document_suffixes[i]) == 0)
			return true;
	}
	return strcmp(part->type, "text/html") != 0 &&
	       looks_like_document(part->bytes, part->length);
}

static bool
has_document(const ParsedMail *mail)
{
	for (size_t i = 0; i < mail->n_parts; i++)
		if (sort_is_document(&mail->parts[i]))
			return true;
	return false;
}

static bool
rule_fits(const struct Rule *rule, const ParsedMail *mail, const SortSelf *self)
{
	const ParsedHeaders *headers = parsed_mail_headers(mail);
	const char *argument;

	switch (rule->test) {
	case HAS:
	case STARTS:
	case IS_NOT:
	case PRESENT:
		return field_fits(rule, headers);
	case REPORT:
		return is_report(mail, rule->word);
	case SELF_LOOP:
		return is_own(headers, self->loop);
	case NULL_SENDER:
		return has_null_sender(headers);
	case FROM_SERVER:
		return bounce_from_server(mail);
	case FORWARD:
		return lists_address(&mail->delivered, self->forward_address) ||
		       lists_address(&mail->to, self->forward_address);
	case VERB:
		return verb_find(mail, &argument) != NULL;
	case FEED:
		return g_strcmp0(verb_find(mail, &argument), "staff") == 0 &&
		       has_document(mail);
	case DOCUMENT:
		return has_document(mail);
	case ANYTHING:
		return true;
	}
	return false;
}

/* ---- the walk ---- */

static MailKind
kind_of_bounce(const Bounce *bounce)
{
	MailKind kind = MAIL_KIND_SUCCESS;

	for (size_t i = 0; i < bounce->n_rows; i++) {
		if (bounce->rows[i].class == BOUNCE_COMPLAINT)
			return MAIL_KIND_COMPLAINT;
		if (bounce->rows[i].action == DSN_FAILED)
			kind = MAIL_KIND_BOUNCE;
		else if (bounce->rows[i].action == DSN_DELAYED &&
			 kind == MAIL_KIND_SUCCESS)
			kind = MAIL_KIND_DELAY;
	}
	return kind;
}

static void
command_read(const ParsedMail *mail, MailSort *sort)
{
	const char *argument = "";
	const char *verb = verb_find(mail, &argument);

	/* Mail to the forward address means that, whatever its subject. */
	if (strcmp(sort->rule, "forward_address") == 0)
		verb = "forward";
	sort->command = verb;
	sort->argument = g_strdup(argument);
}

MailSort *
sort_mail(const ParsedMail *mail, const SortSelf *self)
{
	MailSort *sort = g_new0(MailSort, 1);
	g_autoptr(GError) error = NULL;
	int bounced = bounce_read(mail, self->domain, &sort->bounce, &error);

	if (bounced == 1) {
		sort->kind = kind_of_bounce(sort->bounce);
		sort->rule = sort->bounce->shape;
		return sort;
	}
	if (bounced < 0) {
		sort->kind = MAIL_KIND_OTHER;
		sort->rule = "broken_report";
		sort->problem = g_strdup(error->message);
		return sort;
	}
	for (size_t i = 0; i < G_N_ELEMENTS(rules); i++)
		if (rule_fits(&rules[i], mail, self)) {
			sort->kind = rules[i].kind;
			sort->rule = rules[i].name;
			break;
		}
	sort->may_answer = sort->kind == MAIL_KIND_COMMAND ||
			   sort->kind == MAIL_KIND_ORDER || sort->kind == MAIL_KIND_OTHER;
	if (sort->kind == MAIL_KIND_COMMAND)
		command_read(mail, sort);
	return sort;
}

void
mail_sort_free(MailSort *sort)
{
	if (sort == NULL)
		return;
	bounce_free(sort->bounce);
	g_free(sort->argument);
	g_free(sort->problem);
	g_free(sort);
}

json_t *
sort_to_json(const MailSort *sort)
{
	return json_pack("{s:s, s:s, s:b, s:s?, s:o, s:o, s:o}", "kind",
	    mail_kind_name(sort->kind), "rule", sort->rule, "may_answer",
	    sort->may_answer, "command", sort->command, "argument",
	    parse_json_text(sort->argument, LIMIT_DSN_TEXT_BYTES), "problem",
	    parse_json_text(sort->problem, LIMIT_DSN_TEXT_BYTES), "bounce",
	    sort->bounce == NULL ? json_null() : bounce_to_json(sort->bounce));
}
