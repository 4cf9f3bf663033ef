/*
 * edifact.c - the syntax of ISO 9735: separators, segments, envelopes and their counters.
 *
 * UNA, when it is there, says which characters separate; else they are : + . ? and '. A
 * release character takes the meaning from the next one.  Line ends between segments are
 * not part of anything.
 */
#include "fulfill/intake/edifact.h"

#include <string.h>

#include "fulfill/intake/order.h"
#include "queue/limits.h"
#include "queue/quote.h"

struct Edi {
	const char *at;
	const char *end;
	const char *charset; /* of g_convert(); NULL: UTF-8 and ASCII */
	char component;
	char element;
	char decimal;
	char release;
	char segment;
	int line;
	int number;
	GString *text; /* of the segment at hand: all values, each with its NUL */
	/* envelopes */
	bool done; /* UNZ was read */
	char *interchange;
	char *message; /* the open one; NULL: none */
	int message_start;
	int messages;
	int groups;
};

/* clang-format off */
/* Levels of ISO 9735 and the sets behind them.  UNOA and UNOB are parts of ASCII. */
static const struct {
	const char *level;
	const char *charset;
	bool ascii;
} levels[] = {
	{ "UNOA", NULL,         true },
	{ "UNOB", NULL,         true },
	{ "UNOC", "ISO-8859-1", false },
	{ "UNOW", NULL,         false }, /* ISO 10646 as UTF-8 */
	{ "UNOY", NULL,         false }, /* likewise in syntax 3 */
};
/* clang-format on */

/* ---- opening ---- */

static void
skip_line_ends(Edi *edi)
{
	while (edi->at < edi->end && strchr("\r\n\t ", *edi->at) != NULL &&
	       *edi->at != '\0') {
		edi->line += *edi->at == '\n';
		edi->at++;
	}
}

static bool
read_una(Edi *edi, GError **error)
{
	const char *una = edi->at;

	if (edi->end - una < 9)
		return order_error_set(error, E_TORN, "line 1: UNA has no end");
	edi->component = una[3];
	edi->element = una[4];
	edi->decimal = una[5];
	edi->release = una[6] == ' ' ? '\0' : una[6];
	edi->segment = una[8];
	for (int i = 3; i < 9; i++)
		for (int j = 3; j < i; j++)
			/* The fifth may be a blank or a repetition mark. */
			if (una[i] == una[j] && i != 7 && j != 7)
				return order_error_set(error, E_FORMAT,
				    "line 1: UNA gives two meanings to one character");
	for (int i = 3; i < 9; i++)
		if (g_ascii_isalnum(una[i]) || (unsigned char)una[i] >= 0x7F)
			return order_error_set(error, E_FORMAT,
			    "line 1: UNA makes a separator of a letter or digit");
	edi->at += 9;
	return true;
}

static bool
check_encoding(Edi *edi, GError **error)
{
	const char *start = edi->at;
	char level[5] = "";

	/* UNB + syntax id, before anything is split. */
	if (edi->end - start < 9 || memcmp(start, "UNB", 3) != 0 ||
	    start[3] != edi->element)
		return order_error_set(error, E_FORMAT,
		    "line %d: no UNB where the interchange begins", edi->line);
	memcpy(level, start + 4, 4);
	for (size_t i = 0; i < G_N_ELEMENTS(levels); i++) {
		if (strcmp(levels[i].level, level) != 0)
			continue;
		edi->charset = levels[i].charset;
		for (const char *c = start; levels[i].ascii && c < edi->end; c++)
			if ((unsigned char)*c >= 0x80)
				return order_error_set(error, E_ENCODING,
				    "byte %d: 0x%02X in an interchange of level %s, "
				    "which "
				    "has ASCII only",
				    (int)(c - start) + 1, (unsigned)(unsigned char)*c,
				    level);
		return true;
	}
	{
		g_autofree char *shown = quote(level);

		return order_error_set(error, E_ENCODING,
		    "line %d: character set '%s' is not read here (UNOA, UNOB, UNOC, "
		    "UNOW, "
		    "UNOY)",
		    edi->line, shown);
	}
}

Edi *
edi_open(const char *bytes, size_t size, GError **error)
{
	g_autoptr(Edi) edi = g_new0(Edi, 1);

	edi->at = bytes;
	edi->end = bytes + size;
	edi->component = ':';
	edi->element = '+';
	edi->decimal = '.';
	edi->release = '?';
	edi->segment = '\'';
	edi->line = 1;
	edi->text = g_string_new(NULL);
	if (size >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0)
		edi->at += 3;
	skip_line_ends(edi);
	if (edi->end - edi->at >= 3 && memcmp(edi->at, "UNA", 3) == 0 &&
	    !read_una(edi, error))
		return NULL;
	skip_line_ends(edi);
	return check_encoding(edi, error) ? g_steal_pointer(&edi) : NULL;
}

void
edi_close(Edi *edi)
{
	if (edi == NULL)
		return;
	g_string_free(edi->text, TRUE);
	g_free(edi->interchange);
	g_free(edi->message);
	g_free(edi);
}

char
edi_decimal_mark(const Edi *edi)
{
	return edi->decimal;
}

/* ---- one segment ---- */

const char *
edi_get(const EdiSegment *segment, int element, int component)
{
	if (element > segment->elements || component > segment->components[element - 1])
		return "";
	return segment->value[element - 1][component - 1];
}

static bool
error_torn(const Edi *edi, GError **error)
{
	return order_error_set(error, E_TORN,
	    "line %d: the interchange ends in segment %d or before its UNZ", edi->line,
	    edi->number);
}

/* Splits the raw bytes of a segment into edi->text, unescaped; `cut` gets, for each
 * value, its offset and the mark that ended it. */
typedef struct Cut {
	gsize at;
	char mark;
} Cut;

static bool
split(Edi *edi, GArray *cuts, GError **error)
{
	Cut cut = { 0 };

	g_string_truncate(edi->text, 0);
	for (;;) {
		char c;

		if (edi->at == edi->end)
			return error_torn(edi, error);
		if (edi->text->len > LIMIT_EDIFACT_SEGMENT_BYTES)
			return order_error_set(error, E_LIMIT,
			    "line %d: segment %d has more than %d bytes", edi->line,
			    edi->number, LIMIT_EDIFACT_SEGMENT_BYTES);
		c = *edi->at++;
		if (c == '\n')
			edi->line++;
		if (c == '\r' || c == '\n')
			continue; /* lines of a fixed width are broken anywhere */
		if (c == '\0')
			return order_error_set(error, E_CHARACTER,
			    "line %d: a NUL in segment %d", edi->line, edi->number);
		if (c == edi->release && edi->release != '\0') {
			if (edi->at == edi->end)
				return error_torn(edi, error);
			g_string_append_c(edi->text, *edi->at++);
		} else if (c == edi->component || c == edi->element ||
			   c == edi->segment) {
			g_string_append_c(edi->text, '\0');
			cut.mark = c;
			g_array_append_val(cuts, cut);
			cut.at = edi->text->len;
			if (c == edi->segment)
				return true;
		} else {
			g_string_append_c(edi->text, c);
		}
	}
}

/* To UTF-8, NULs between the values kept. */
static bool
to_utf8(Edi *edi, GArray *cuts, GError **error)
{
	const char *bad;
	gsize size = 0;
	g_autofree char *utf8 = NULL;

	if (edi->charset == NULL) {
		for (guint i = 0; i < cuts->len; i++)
			if (!g_utf8_validate(
				edi->text->str + g_array_index(cuts, Cut, i).at, -1,
				&bad))
				return order_error_set(error, E_ENCODING,
				    "line %d: segment %d is not UTF-8", edi->line,
				    edi->number);
		return true;
	}
	utf8 = g_convert(edi->text->str, (gssize)edi->text->len, "UTF-8", edi->charset,
	    NULL, &size, NULL);
	if (utf8 == NULL)
		return order_error_set(error, E_ENCODING, "line %d: segment %d is not %s",
		    edi->line, edi->number, edi->charset);
	g_string_truncate(edi->text, 0);
	g_string_append_len(edi->text, utf8, (gssize)size);
	/* The values have moved: find them by their NULs. */
	for (guint i = 1; i < cuts->len; i++)
		g_array_index(cuts, Cut, i).at =
		    g_array_index(cuts, Cut, i - 1).at +
		    strlen(edi->text->str + g_array_index(cuts, Cut, i - 1).at) + 1;
	return true;
}

static bool
arrange(Edi *edi, const GArray *cuts, EdiSegment *ret, GError **error)
{
	int element = -1; /* the first is the tag */
	int component = 0;

	for (guint i = 0; i < cuts->len; i++) {
		const Cut *cut = &g_array_index(cuts, Cut, i);
		const char *value = edi->text->str + cut->at;

		if (element < 0 && component == 0) {
			if (strlen(value) != 3)
				return order_error_set(error, E_FORMAT,
				    "line %d: segment %d has no tag of three letters",
				    edi->line, edi->number);
			g_strlcpy(ret->tag, value, sizeof(ret->tag));
		}
		if (element >= 0) {
			if (element == EDI_ELEMENTS || component == EDI_COMPONENTS)
				return order_error_set(error, E_LIMIT,
				    "line %d: segment %d (%s) has too many elements",
				    edi->line, edi->number, ret->tag);
			ret->value[element][component] = value;
			ret->components[element] = component + 1;
			ret->elements = element + 1;
		}
		if (cut->mark == edi->component) {
			component++;
		} else {
			element++;
			component = 0;
		}
	}
	return true;
}

/* ---- envelopes ---- */

static bool
same_number(const char *text, int n)
{
	gint64 v;

	return g_ascii_string_to_signed(text, 10, 0, G_MAXINT, &v, NULL) && v == n;
}

/* UNT: segments from UNH on, itself among them; and the reference of its UNH. */
static bool
check_message_end(Edi *edi, const EdiSegment *s, GError **error)
{
	int count = s->number - edi->message_start + 1;
	g_autofree char *shown = quote(edi_get(s, 1, 1));

	if (edi->message == NULL)
		return order_error_set(
		    error, E_FORMAT, "line %d: UNT without UNH", edi->line);
	if (!same_number(edi_get(s, 1, 1), count))
		return order_error_set(error, E_TORN,
		    "line %d: UNT says the message has '%s' segments, here are %d",
		    edi->line, shown, count);
	if (strcmp(edi_get(s, 2, 1), edi->message) != 0)
		return order_error_set(error, E_TORN,
		    "line %d: UNT ends another message than UNH began", edi->line);
	g_clear_pointer(&edi->message, g_free);
	edi->messages++;
	return true;
}

static bool
check_interchange_end(Edi *edi, const EdiSegment *s, GError **error)
{
	int count = edi->groups > 0 ? edi->groups : edi->messages;
	g_autofree char *shown = quote(edi_get(s, 1, 1));

	if (edi->message != NULL)
		return order_error_set(
		    error, E_TORN, "line %d: UNZ before the message ends", edi->line);
	if (!same_number(edi_get(s, 1, 1), count))
		return order_error_set(error, E_TORN,
		    "line %d: UNZ says the interchange has '%s' messages, here are %d",
		    edi->line, shown, count);
	if (strcmp(edi_get(s, 2, 1), edi->interchange) != 0)
		return order_error_set(error, E_TORN,
		    "line %d: UNZ ends another interchange than UNB began", edi->line);
	edi->done = true;
	skip_line_ends(edi);
	if (edi->at < edi->end)
		return order_error_set(error, E_FORMAT,
		    "line %d: something stands behind the interchange", edi->line);
	return true;
}

static bool
check_envelope(Edi *edi, const EdiSegment *s, GError **error)
{
	if (strcmp(s->tag, "UNB") == 0) {
		if (edi->interchange != NULL)
			return order_error_set(
			    error, E_FORMAT, "line %d: a second UNB", edi->line);
		edi->interchange = g_strdup(edi_get(s, 5, 1));
	} else if (strcmp(s->tag, "UNG") == 0) {
		edi->groups++;
	} else if (strcmp(s->tag, "UNH") == 0) {
		if (edi->message != NULL)
			return order_error_set(error, E_FORMAT,
			    "line %d: UNH before the message ends", edi->line);
		edi->message = g_strdup(edi_get(s, 1, 1));
		edi->message_start = s->number;
	} else if (strcmp(s->tag, "UNT") == 0) {
		return check_message_end(edi, s, error);
	} else if (strcmp(s->tag, "UNZ") == 0) {
		return check_interchange_end(edi, s, error);
	} else if (strcmp(s->tag, "UNE") != 0 && edi->message == NULL) {
		return order_error_set(error, E_FORMAT,
		    "line %d: segment %d stands in no message", edi->line, s->number);
	}
	return true;
}

int
edi_next(Edi *edi, EdiSegment *ret, GError **error)
{
	g_autoptr(GArray) cuts = NULL;

	if (edi->done)
		return 0;
	skip_line_ends(edi);
	memset(ret, 0, offsetof(EdiSegment, value));
	ret->number = ++edi->number;
	ret->line = edi->line;
	cuts = g_array_new(FALSE, FALSE, sizeof(Cut));
	if (!split(edi, cuts, error) || !to_utf8(edi, cuts, error) ||
	    !arrange(edi, cuts, ret, error) || !check_envelope(edi, ret, error))
		return -1;
	return 1;
}
