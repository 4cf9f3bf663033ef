/*
 * code.c - making, checking, showing and reading ticket codes.
 *
 * Why GF(32) and not a remainder: 31 symbols and a prime modulus would leave one symbol
 * of Crockford's unused, Luhn mod 32 misses swaps of symbols two apart, and mod 37 needs
 * five symbols more.  The field has exactly the 32 symbols, and its 31 powers of alpha
 * give each of the 25 places a weight of its own.
 */
#include "fulfill/issue/code.h"

#include <sodium.h>
#include <string.h>

#include "queue/limits.h"

static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

#define NO_SYMBOL (-1)

static int
symbol_value(char c)
{
	const char *at = c != '\0' ? strchr(alphabet, c) : NULL;

	return at != NULL ? (int)(at - alphabet) : NO_SYMBOL;
}

/* ---- GF(32) = GF(2)[x] / (x^5 + x^2 + 1); alpha = x has order 31 ---- */

static unsigned
times_alpha(unsigned v)
{
	v <<= 1;
	return (v & 0x20) != 0 ? v ^ 0x25 : v;
}

/* The sum of symbol i times alpha^i over the first n symbols, by Horner's rule. */
static unsigned
weighted_sum(const char *symbols, int n)
{
	unsigned sum = 0;

	for (int i = n; i-- > 0;)
		sum = times_alpha(sum) ^ (unsigned)symbol_value(symbols[i]);
	return sum;
}

static bool
check_holds(const char symbols[CODE_SYMBOLS + 1])
{
	return weighted_sum(symbols, CODE_SYMBOLS) == 0;
}

/* The symbol for the last place: sum * alpha^-24, and alpha^31 is 1. */
static char
check_symbol(const char *symbols)
{
	unsigned v = weighted_sum(symbols, CODE_SYMBOLS - 1);

	for (int i = CODE_SYMBOLS - 1; i < 31; i++)
		v = times_alpha(v);
	return alphabet[v];
}

/* ---- making and showing ---- */

void
code_clear(Code *code)
{
	sodium_memzero(code, sizeof(*code));
}

void
code_from_bytes(const uint8_t bytes[CODE_RANDOM_BYTES], Code *ret)
{
	unsigned bits = 0;
	int have = 0;
	int n = 0;

	for (int i = 0; i < CODE_RANDOM_BYTES; i++) {
		bits = (bits << 8) | bytes[i];
		have += 8;
		while (have >= 5) {
			have -= 5;
			ret->symbols[n++] = alphabet[(bits >> have) & 31];
		}
	}
	ret->symbols[n] = check_symbol(ret->symbols);
	ret->symbols[CODE_SYMBOLS] = '\0';
}

void
code_random(Code *ret)
{
	uint8_t bytes[CODE_RANDOM_BYTES];

	if (sodium_init() < 0)
		BUG("no random generator");
	randombytes_buf(bytes, sizeof(bytes));
	code_from_bytes(bytes, ret);
	sodium_memzero(bytes, sizeof(bytes));
}

char *
code_format(const Code *code, char buf[CODE_TEXT_SIZE])
{
	char *out = buf;

	for (int i = 0; i < CODE_SYMBOLS; i++) {
		if (i > 0 && i % CODE_GROUP == 0)
			*out++ = '-';
		*out++ = code->symbols[i];
	}
	*out = '\0';
	return buf;
}

const char *
code_tail(const Code *code)
{
	return code->symbols + CODE_SYMBOLS - CODE_GROUP;
}

char *
code_mask_tail(const char *tail, char buf[CODE_MASK_SIZE])
{
	g_snprintf(buf, CODE_MASK_SIZE, "*****-...-%.5s", tail);
	return buf;
}

char *
code_mask(const Code *code, char buf[CODE_MASK_SIZE])
{
	return code_mask_tail(code_tail(code), buf);
}

/* ---- reading ---- */

/* clang-format off */
/* Dashes that Unicode does not class as dash punctuation. */
static const gunichar other_dashes[] = {
	0x02D7, /* modifier letter minus */
	0x2043, /* hyphen bullet */
	0x2212, /* minus */
};
/* clang-format on */

static gunichar
fold(gunichar c)
{
	if (c >= 0xFF01 && c <= 0xFF5E) /* full-width forms of ASCII */
		c -= 0xFF01 - '!';
	if (c >= 0x80)
		return c;
	c = (gunichar)g_ascii_toupper((char)c);
	switch (c) {
	case 'I':
	case 'L':
		return '1';
	case 'O':
		return '0';
	default:
		return c;
	}
}

/* Things between groups; a German keyboard makes sharp s of '-'. */
static bool
is_separator(gunichar c)
{
	for (size_t i = 0; i < G_N_ELEMENTS(other_dashes); i++)
		if (c == other_dashes[i])
			return true;
	return g_unichar_isspace(c) || c == 0x00DF || c == 0x1E9E ||
	       g_unichar_type(c) == G_UNICODE_DASH_PUNCTUATION;
}

static bool
is_invisible(gunichar c)
{
	return g_unichar_type(c) == G_UNICODE_FORMAT;
}

#define GROUPS_MAX 8
#define READ_MAX 64 /* symbols looked at; more is no code anyway */

typedef struct Reading {
	char symbols[READ_MAX + 1];
	int n;
	int group_start[GROUPS_MAX +
			1]; /* index of the first symbol of each typed group */
	int groups;
	int bad;       /* index of the first character that is no symbol; -1: none */
	gunichar what; /* that character; 0: bytes that are no text */
} Reading;

static void
reading_add(Reading *r, gunichar c, bool starts_group)
{
	if (r->n == READ_MAX)
		return;
	if (starts_group) {
		if (r->groups < GROUPS_MAX)
			r->group_start[r->groups] = r->n;
		r->groups++;
	}
	if (c < 0x80 && symbol_value((char)c) != NO_SYMBOL) {
		r->symbols[r->n++] = (char)c;
		return;
	}
	if (r->bad < 0) {
		r->bad = r->n;
		r->what = c;
	}
	r->symbols[r->n++] = '?';
}

static void
reading_of(const char *text, const char *end, Reading *r)
{
	bool gap = true;

	*r = (Reading){ .bad = -1 };
	while (text < end) {
		gunichar c = g_utf8_get_char_validated(text, end - text);

		if (c == (gunichar)-1 || c == (gunichar)-2 || c == 0) {
			c = 0;
			text++;
		} else {
			text = g_utf8_next_char(text);
		}
		c = fold(c);
		if (is_separator(c)) {
			gap = true;
		} else if (c == 0 || !is_invisible(c)) {
			reading_add(r, c, gap);
			gap = false;
		}
	}
	r->symbols[r->n] = '\0';
}

static void
locate(const Reading *r, int index, CodeFault *fault)
{
	if (r->groups != CODE_GROUP) {
		fault->group = index / CODE_GROUP + 1;
		fault->position = index % CODE_GROUP + 1;
	} else {
		int g = CODE_GROUP;

		while (r->group_start[g - 1] > index)
			g--;
		fault->group = g;
		fault->position = index - r->group_start[g - 1] + 1;
	}
	if (fault->group > CODE_GROUP || fault->position > CODE_GROUP)
		fault->group = fault->position = 0;
}

/* The one typed group that has not five symbols, or 0. */
static int
odd_group(const Reading *r, int *ret_size)
{
	int found = 0;

	if (r->groups != CODE_GROUP)
		return 0;
	for (int g = 0; g < CODE_GROUP; g++) {
		int next = g + 1 < CODE_GROUP ? r->group_start[g + 1] : r->n;
		int size = next - r->group_start[g];

		if (size == CODE_GROUP)
			continue;
		if (found != 0)
			return 0;
		found = g + 1;
		*ret_size = size;
	}
	return found;
}

static bool
fault_symbol(const Reading *r, CodeFault *fault, GError **error)
{
	char shown[8] = "";
	g_autofree char *where = NULL;

	fault->kind = CODE_SYMBOL;
	locate(r, r->bad, fault);
	where = fault->group != 0 ? g_strdup_printf("group %d, position %d", fault->group,
					fault->position)
				  : g_strdup_printf("symbol %d", r->bad + 1);
	if (r->what == 0 || !g_unichar_isgraph(r->what) || g_unichar_ismark(r->what))
		return err_set(error, TP_ERROR_INVALID,
		    "%s: a character that cannot be shown is not a symbol of a ticket "
		    "code",
		    where);
	g_unichar_to_utf8(r->what, shown);
	return err_set(error, TP_ERROR_INVALID,
	    "%s: '%s' is not a symbol of a ticket code", where, shown);
}

static bool
fault_length(const Reading *r, CodeFault *fault, GError **error)
{
	int size = 0;
	int group = odd_group(r, &size);

	fault->kind = CODE_LENGTH;
	fault->group = group;
	fault->symbols = r->n;
	if (group != 0)
		return err_set(error, TP_ERROR_INVALID,
		    "group %d has %d symbols instead of %d", group, size, CODE_GROUP);
	if (r->n >= READ_MAX)
		return err_set(error, TP_ERROR_INVALID,
		    "a ticket code has %d symbols, here are many more", CODE_SYMBOLS);
	return err_set(error, TP_ERROR_INVALID,
	    "a ticket code has %d symbols, here are %d", CODE_SYMBOLS, r->n);
}

/* A US scanner on a German keyboard exchanges Y and Z everywhere. */
static void
exchange_yz(char *symbols)
{
	for (char *c = symbols; *c != '\0'; c++)
		if (*c == 'Y')
			*c = 'Z';
		else if (*c == 'Z')
			*c = 'Y';
}

/* The code of a QR symbol stands behind an address and '#'. */
static const char *
after_address(const char *text, const char *end)
{
	const char *start = text;

	for (const char *c = text; c < end; c++)
		if (*c == '#')
			start = c + 1;
		else if (*c == '\xc2' && c + 1 < end && c[1] == '\xa7')
			start = c + 2;
	return start;
}

static bool
read_code(const char *text, const char *end, Reading *r, Code *ret, CodeFault *fault,
    GError **error)
{
	reading_of(after_address(text, end), end, r);
	if (r->n == 0) {
		fault->kind = CODE_EMPTY;
		return err_set(error, TP_ERROR_INVALID, "there is no ticket code");
	}
	if (r->bad >= 0)
		return fault_symbol(r, fault, error);
	if (r->n != CODE_SYMBOLS)
		return fault_length(r, fault, error);
	if (!check_holds(r->symbols)) {
		exchange_yz(r->symbols);
		if (!check_holds(r->symbols)) {
			fault->kind = CODE_CHECK;
			return err_set(error, TP_ERROR_INVALID,
			    "the check symbol does not fit: a symbol is wrong or two "
			    "have "
			    "changed places, where cannot be told; compare all five "
			    "groups");
		}
	}
	memcpy(ret->symbols, r->symbols, CODE_SYMBOLS + 1);
	return true;
}

bool
code_parse(
    const char *text, gssize length, Code *ret, CodeFault *ret_fault, GError **error)
{
	const char *end = text + (length < 0 ? strlen(text) : (size_t)length);
	CodeFault fault = { 0 };
	Reading r;
	bool ok = read_code(text, end, &r, ret, &fault, error);

	if (!ok && ret_fault != NULL)
		*ret_fault = fault;
	sodium_memzero(&r, sizeof(r));
	return ok;
}

bool
code_other_reading(const Code *code, Code *ret)
{
	g_auto(Code) other = *code;

	exchange_yz(other.symbols);
	if (!check_holds(other.symbols) || strcmp(other.symbols, code->symbols) == 0)
		return false;
	*ret = other;
	return true;
}

/* ---- lists ---- */

static void
clear_element(void *data)
{
	code_clear(data);
}

/* All room at once: a list that grew would leave codes behind in freed memory. */
GArray *
code_list_new(void)
{
	GArray *codes =
	    g_array_sized_new(FALSE, FALSE, sizeof(Code), LIMIT_CODES_IN_A_LIST);

	g_array_set_clear_func(codes, clear_element);
	return codes;
}

static bool
list_has(const GArray *codes, const Code *code)
{
	for (guint i = 0; i < codes->len; i++)
		if (sodium_memcmp(&g_array_index(codes, Code, i), code, sizeof(*code)) ==
		    0)
			return true;
	return false;
}

/* Appends the code of one entry; an entry of blanks is none. */
static bool
add_entry(GArray *codes, const char *text, gssize length, bool *any, GError **error)
{
	CodeFault fault;
	g_autoptr(GError) why = NULL;
	g_auto(Code) code = { "" };

	if (!code_parse(text, length, &code, &fault, &why)) {
		if (fault.kind == CODE_EMPTY)
			return true;
		g_propagate_error(error, g_steal_pointer(&why));
		return false;
	}
	*any = true;
	if (list_has(codes, &code))
		return true;
	if (codes->len == LIMIT_CODES_IN_A_LIST)
		return err_set(error, TP_ERROR_INVALID, "more than %d codes in one list",
		    LIMIT_CODES_IN_A_LIST);
	g_array_append_val(codes, code);
	return true;
}

bool
code_parse_list(const char *text, GArray *codes, GError **error)
{
	guint before = codes->len;
	bool any = false;

	for (int entry = 1;; entry++) {
		const char *end = strchrnul(text, ';');

		if (!add_entry(codes, text, end - text, &any, error)) {
			g_prefix_error(error, "entry %d: ", entry);
			g_array_set_size(codes, before);
			return false;
		}
		if (*end == '\0')
			break;
		text = end + 1;
	}
	return any || err_set(error, TP_ERROR_INVALID, "there is no ticket code");
}

bool
code_foreign(const char *text, Code *ret, GError **error)
{
	int n = 0;

	code_clear(ret);
	for (const char *c = text; *c != '\0'; c++) {
		if (*c == '-' || *c == ' ')
			continue;
		if (!g_ascii_isalnum(*c) || n == CODE_SYMBOLS) {
			code_clear(ret);
			return err_set(error, TP_ERROR_INVALID,
			    "a ticket must have %d letters and digits", CODE_SYMBOLS);
		}
		ret->symbols[n++] = g_ascii_toupper(*c);
	}
	if (n == CODE_SYMBOLS)
		return true;
	code_clear(ret);
	return err_set(error, TP_ERROR_INVALID,
	    "a ticket must have %d letters and digits, this one has %d", CODE_SYMBOLS, n);
}
