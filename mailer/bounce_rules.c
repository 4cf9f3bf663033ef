/*
 * bounce_rules.c - judging what a server said, by the tables of bounce_rules.def.
 */
#include "mailer/bounce_private.h"

#include <string.h>

enum { ANY = -1 };

/* clang-format off */
static const struct {
	BounceClass class;
	bool holds_domain;
	const char *rule;
	const char *phrase;
} words[] = {
#define WORDS(class, holds_domain, rule, phrase) { class, holds_domain, rule, phrase },
#define CODE(class, rule, code_class, subject, detail)
#define REPLY(class, rule, low, high)
#include "mailer/bounce_rules.def"
#undef WORDS
#undef CODE
#undef REPLY
};

static const struct {
	BounceClass class;
	const char *rule;
	EnhancedCode code; /* ANY for any; class 0: see low */
	int low, high;     /* SMTP code in front of the text */
} codes[] = {
#define WORDS(class, holds_domain, rule, phrase)
#define CODE(class, rule, code_class, subject, detail) \
	{ class, rule, { code_class, subject, detail }, 0, 0 },
#define REPLY(class, rule, low, high) { class, rule, { 0 }, low, high },
#include "mailer/bounce_rules.def"
#undef WORDS
#undef CODE
#undef REPLY
};

static const char *const class_names[] = {
	[BOUNCE_NONE]      = "none",
	[BOUNCE_HARD]      = "hard",
	[BOUNCE_SOFT]      = "soft",
	[BOUNCE_FULL]      = "full",
	[BOUNCE_POLICY]    = "policy",
	[BOUNCE_COMPLAINT] = "complaint",
};
/* clang-format on */

const char *
bounce_class_name(BounceClass class)
{
	return class_names[class];
}

bool
bounce_class_from_name(const char *name, BounceClass *ret)
{
	for (size_t i = 0; i < G_N_ELEMENTS(class_names); i++)
		if (strcmp(name, class_names[i]) == 0) {
			*ret = (BounceClass)i;
			return true;
		}
	return false;
}

/* ---- judging ---- */

static bool
in_text(const char *text, size_t rule)
{
	const char *end;

	return text != NULL && bounce_phrase_find(text, words[rule].phrase, &end) != NULL;
}

/* The SMTP code a text begins with; 0: none. */
static int
reply_code(const char *text)
{
	if (text == NULL)
		return 0;
	text += strspn(text, " \t");
	if (!g_ascii_isdigit(text[0]) || !g_ascii_isdigit(text[1]) ||
	    !g_ascii_isdigit(text[2]) || g_ascii_isalnum(text[3]))
		return 0;
	return (text[0] - '0') * 100 + (text[1] - '0') * 10 + (text[2] - '0');
}

static bool
code_fits(EnhancedCode rule, EnhancedCode status)
{
	return status.class != 0 && (rule.class == ANY || rule.class == status.class) &&
	       (rule.subject == ANY || rule.subject == status.subject) &&
	       (rule.detail == ANY || rule.detail == status.detail);
}

BounceClass
bounce_classify(
    const char *text, EnhancedCode status, bool *ret_holds_domain, const char **ret_rule)
{
	int reply = reply_code(text);

	*ret_holds_domain = false;
	for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
		if (in_text(text, i)) {
			*ret_holds_domain = words[i].holds_domain;
			*ret_rule = words[i].rule;
			return words[i].class;
		}
	for (size_t i = 0; i < G_N_ELEMENTS(codes); i++)
		if (codes[i].code.class != 0
			? code_fits(codes[i].code, status)
			: reply >= codes[i].low && reply <= codes[i].high) {
			*ret_rule = codes[i].rule;
			return codes[i].class;
		}
	*ret_rule = "unknown";
	return BOUNCE_SOFT;
}

EnhancedCode
bounce_code_in(const char *text)
{
	EnhancedCode code = { 0 };

	for (const char *at = text; at != NULL && *at != '\0'; at++) {
		char copy[16];
		size_t n;

		if ((*at != '4' && *at != '5') || at[1] != '.' ||
		    (at > text && (g_ascii_isalnum(at[-1]) || at[-1] == '.')))
			continue;
		n = strspn(at, "0123456789.");
		while (n > 0 && at[n - 1] == '.')
			n--;
		if (n >= sizeof(copy))
			continue;
		memcpy(copy, at, n);
		copy[n] = '\0';
		if (ecode_parse(copy, &code, &n) == 1)
			return code;
	}
	return code;
}

/* ---- masking ---- */

enum { CODE_CHARS = 25, CODE_CHARS_SHOWN = 5 };

static bool
is_code_char(char c)
{
	return g_ascii_isalnum(c) || c == '-';
}

char *
bounce_mask_codes(const char *text)
{
	GString *out = g_string_new(NULL);

	while (*text != '\0') {
		size_t n = 0;
		size_t letters = 0;

		while (is_code_char(text[n])) {
			letters += text[n] != '-';
			n++;
		}
		if (letters == CODE_CHARS && (n == CODE_CHARS || n == CODE_CHARS + 4)) {
			g_string_append(out, "*****-*****-*****-*****-");
			g_string_append_len(
			    out, text + n - CODE_CHARS_SHOWN, CODE_CHARS_SHOWN);
		} else {
			g_string_append_len(out, text, (gssize)n);
		}
		text += n;
		if (*text != '\0')
			g_string_append_c(out, *text++);
	}
	return g_string_free(out, FALSE);
}
