/*
 * addr.c - check and split one mail address.
 *
 * Characters are judged by one table for ASCII and by their Unicode category beyond it.
 * Looking for lists, groups and comments in a From field of foreign mail?  That is
 * reading, not sending: see the parser of incoming mail.
 */
#include "mailer/addr.h"

#include <idn2.h>
#include <string.h>

#include "queue/limits.h"

/* RFC 5321 4.1.2: what a Dot-string may hold besides dots (atext of RFC 5322 3.2.3). */
static bool
is_atext(unsigned char c)
{
	return g_ascii_isalnum(c) || (c != '\0' && strchr("!#$%&'*+-/=?^_`{|}~", c));
}

/*
 * RFC 6531 lets every character beyond ASCII into a local part.  What cannot be seen or
 * typed is refused: it serves to make two addresses look alike.
 */
static bool
is_visible(gunichar c)
{
	switch (g_unichar_type(c)) {
	case G_UNICODE_CONTROL:
	case G_UNICODE_FORMAT:
	case G_UNICODE_UNASSIGNED:
	case G_UNICODE_PRIVATE_USE:
	case G_UNICODE_SURROGATE:
	case G_UNICODE_LINE_SEPARATOR:
	case G_UNICODE_PARAGRAPH_SEPARATOR:
	case G_UNICODE_SPACE_SEPARATOR:
		return false;
	default:
		return true;
	}
}

static bool
check_atom(const char *local, GError **error)
{
	bool dot_before = true;

	for (const char *p = local; *p != '\0'; p = g_utf8_next_char(p)) {
		unsigned char c = (unsigned char)*p;
		int at = (int)(p - local) + 1;

		if (c == '.') {
			if (dot_before)
				return err_set(error, TP_ERROR_INVALID,
				    "address has a misplaced dot at byte %d", at);
			dot_before = true;
			continue;
		}
		dot_before = false;
		if (c < 0x80 ? !is_atext(c) : !is_visible(g_utf8_get_char(p)))
			return err_set(error, TP_ERROR_INVALID,
			    "address has a character at byte %d that is not allowed "
			    "before "
			    "the '@'",
			    at);
	}
	if (dot_before)
		return err_set(
		    error, TP_ERROR_INVALID, "address has a dot before the '@'");
	return true;
}

/* RFC 5321 4.1.2 Quoted-string: printable ASCII, '"' and '\' behind a backslash. */
static bool
check_quoted(const char *local, GError **error)
{
	size_t length = strlen(local);

	if (length < 3 || local[length - 1] != '"')
		return err_set(
		    error, TP_ERROR_INVALID, "address has a quote that does not end");
	for (size_t i = 1; i < length - 1; i++) {
		unsigned char c = (unsigned char)local[i];

		if (c == '\\') {
			i++;
			c = (unsigned char)local[i];
			if (i >= length - 1 || c < 0x20 || c > 0x7e)
				return err_set(error, TP_ERROR_INVALID,
				    "address has a backslash at byte %d that quotes "
				    "nothing",
				    (int)i);
			continue;
		}
		if (c == '"' || c < 0x20 || c > 0x7e)
			return err_set(error, TP_ERROR_INVALID,
			    "address has a character at byte %d that is not allowed in "
			    "quotes",
			    (int)i + 1);
	}
	return true;
}

static bool
check_local(const char *local, GError **error)
{
	if (*local == '\0')
		return err_set(
		    error, TP_ERROR_INVALID, "address has nothing before the '@'");
	if (strlen(local) > LIMIT_EMAIL_LOCAL_BYTES)
		return err_set(error, TP_ERROR_INVALID,
		    "address has more than %d bytes before the '@'",
		    (int)LIMIT_EMAIL_LOCAL_BYTES);
	return *local == '"' ? check_quoted(local, error) : check_atom(local, error);
}

/* RFC 1035 2.3.4 and 2.3.1, RFC 3696 2: labels of letters, digits and inner hyphens. */
static bool
check_ascii_domain(const char *domain, GError **error)
{
	const char *label = domain;
	int labels = 0;

	if (strlen(domain) > 253)
		return err_set(
		    error, TP_ERROR_INVALID, "domain is longer than 253 bytes");
	for (;;) {
		size_t length = strcspn(label, ".");

		if (length == 0)
			return err_set(error, TP_ERROR_INVALID,
			    "domain '%s' has an empty label", domain);
		if (length > 63)
			return err_set(error, TP_ERROR_INVALID,
			    "domain has a label of more than 63 bytes");
		if (label[0] == '-' || label[length - 1] == '-')
			return err_set(error, TP_ERROR_INVALID,
			    "domain '%s' has a label with a hyphen at its edge", domain);
		for (size_t i = 0; i < length; i++) {
			if (!g_ascii_isalnum(label[i]) && label[i] != '-')
				return err_set(error, TP_ERROR_INVALID,
				    "domain has a character that is not allowed in one");
		}
		labels++;
		if (label[length] == '\0')
			break;
		label += length + 1;
	}
	if (labels == 1 && strcmp(domain, "localhost") != 0)
		return err_set(error, TP_ERROR_INVALID, "domain '%s' has no dot", domain);
	if (label[strspn(label, "0123456789")] == '\0')
		return err_set(
		    error, TP_ERROR_INVALID, "domain '%s' ends in a number", domain);
	return true;
}

/* Most domains are letters, digits and dots already; only the others need the tables. */
static bool
is_plain(const char *domain)
{
	for (const char *p = domain; *p != '\0'; p++) {
		if (!g_ascii_isalnum(*p) && *p != '.' && *p != '-')
			return false;
		if (p[0] == '-' && p[1] == '-')
			return false; /* xn-- must be a valid A-label */
	}
	return true;
}

/*
 * libidn2 2.3.3 with IDN2_USE_STD3_ASCII_RULES does not refuse a forbidden character, it
 * drops it: "ex_ample.org" becomes another domain.  So that flag stays off, what cannot
 * be seen is refused before, and what the mapping made is checked after.
 */
static bool
check_unicode_domain(const char *domain, GError **error)
{
	if (!g_utf8_validate(domain, -1, NULL))
		return err_set(error, TP_ERROR_INVALID, "domain is not valid UTF-8");
	for (const char *p = domain; *p != '\0'; p = g_utf8_next_char(p)) {
		if ((unsigned char)*p >= 0x80 && !is_visible(g_utf8_get_char(p)))
			return err_set(error, TP_ERROR_INVALID,
			    "domain has a character that is not allowed in one");
	}
	return true;
}

char *
addr_domain(const char *domain, GError **error)
{
	g_autofree char *ascii = NULL;
	uint8_t *label = NULL;
	int rc = 0;

	/* Before libidn2 looks at it: a name is at most 253 bytes as A-labels, and the
	 * U-label form is never four times that. */
	if (strlen(domain) > 4 * 253) {
		(void)err_set(error, TP_ERROR_INVALID, "domain is longer than 253 bytes");
		return NULL;
	}
	if (is_plain(domain)) {
		ascii = g_ascii_strdown(domain, -1);
	} else {
		if (!check_unicode_domain(domain, error))
			return NULL;
		rc = idn2_lookup_u8((const uint8_t *)domain, &label,
		    IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
		if (rc != IDN2_OK) {
			(void)err_set(error, TP_ERROR_INVALID,
			    "domain is not an internationalised name: %s",
			    idn2_strerror(rc));
			return NULL;
		}
		ascii = g_strdup((const char *)label);
		idn2_free(label);
	}
	if (!check_ascii_domain(ascii, error))
		return NULL;
	return g_steal_pointer(&ascii);
}

MailAddr *
addr_parse(const char *text, gssize length, GError **error)
{
	g_autoptr(MailAddr) addr = g_new0(MailAddr, 1);
	g_autofree char *copy = NULL;
	const char *at = NULL;
	size_t n = length < 0 ? strlen(text) : (size_t)length;

	if (n > 4 * LIMIT_EMAIL_BYTES) {
		(void)err_set(error, TP_ERROR_INVALID, "address is longer than %d bytes",
		    (int)LIMIT_EMAIL_BYTES);
		return NULL;
	}
	if (memchr(text, '\0', n) != NULL) {
		(void)err_set(error, TP_ERROR_INVALID, "address has a NUL byte");
		return NULL;
	}
	copy = g_strndup(text, n);
	if (!g_utf8_validate(copy, (gssize)n, NULL)) {
		(void)err_set(error, TP_ERROR_INVALID, "address is not valid UTF-8");
		return NULL;
	}
	for (const char *p = copy; *p != '\0'; p++) {
		if (g_ascii_iscntrl(*p)) {
			(void)err_set(error, TP_ERROR_INVALID,
			    "address has a control character at byte %d",
			    (int)(p - copy) + 1);
			return NULL;
		}
	}
	at = strchr(copy, '@');
	if (at == NULL) {
		(void)err_set(error, TP_ERROR_INVALID, "address has no '@'");
		return NULL;
	}
	if (strchr(at + 1, '@') != NULL) {
		(void)err_set(error, TP_ERROR_INVALID, "address has more than one '@'");
		return NULL;
	}
	addr->local = g_strndup(copy, (size_t)(at - copy));
	addr->needs_smtputf8 = !g_str_is_ascii(addr->local);
	if (addr->needs_smtputf8) {
		char *nfc = g_utf8_normalize(addr->local, -1, G_NORMALIZE_NFC);

		g_free(addr->local);
		addr->local = nfc;
	}
	if (!check_local(addr->local, error))
		return NULL;
	addr->domain = addr_domain(at + 1, error);
	if (addr->domain == NULL)
		return NULL;
	if (strlen(addr->local) + 1 + strlen(addr->domain) > LIMIT_EMAIL_BYTES) {
		(void)err_set(error, TP_ERROR_INVALID, "address is longer than %d bytes",
		    (int)LIMIT_EMAIL_BYTES);
		return NULL;
	}
	return g_steal_pointer(&addr);
}

void
addr_free(MailAddr *addr)
{
	if (addr == NULL)
		return;
	g_free(addr->local);
	g_free(addr->domain);
	g_free(addr);
}

char *
addr_format(const MailAddr *addr)
{
	return g_strconcat(addr->local, "@", addr->domain, NULL);
}

char *
addr_normal(const char *text, GError **error)
{
	g_autoptr(MailAddr) addr = addr_parse(text, -1, error);

	return addr == NULL ? NULL : addr_format(addr);
}

bool
addr_check(const char *text, GError **error)
{
	g_autoptr(MailAddr) addr = addr_parse(text, -1, error);

	return addr != NULL;
}

/* Characters that turn a name into something that looks like an address or a list. */
static bool
is_name_trouble(gunichar c)
{
	return c < 0x80 && c != 0 && strchr("@:,\"<>\\", (int)c) != NULL;
}

char *
addr_display_name(const char *name)
{
	g_autofree char *valid = g_utf8_make_valid(name, -1);
	g_autofree char *nfc = g_utf8_normalize(valid, -1, G_NORMALIZE_NFC);
	GString *clean = g_string_new(NULL);
	int chars = 0;
	bool space = false;

	for (const char *p = nfc; *p != '\0'; p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);

		if (g_unichar_isspace(c) || g_unichar_iscntrl(c) || is_name_trouble(c)) {
			space = true;
			continue;
		}
		/* Joiners shape Persian, Indic and emoji; the rest of the format
		 * characters only hides or turns text. */
		if (!is_visible(c) && c != 0x200c && c != 0x200d)
			continue;
		if (chars + (space && chars > 0) + 1 > LIMIT_DISPLAY_NAME_CHARS)
			break;
		if (space && chars > 0) {
			g_string_append_c(clean, ' ');
			chars++;
		}
		space = false;
		g_string_append_unichar(clean, c);
		chars++;
	}
	return g_string_free(clean, FALSE);
}
