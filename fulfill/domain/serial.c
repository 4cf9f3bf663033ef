/*
 * serial.c - letter, number, check digit.
 */
#include "fulfill/domain/serial.h"

#include <string.h>

#define DIGITS_LEAST 9 /* with the check digit */
#define DIGITS_MOST 18

static const char letters[] = { [SERIAL_CARD] = 'C', [SERIAL_LABEL] = 'L' };

/* H. M. Damm, "Total anti-symmetrische Quasigruppen", 2004: a quasigroup of order 10. */
static int
damm(const char *digits, size_t n)
{
	static const char table[10][11] = { "0317598642", "7092154863", "4206871359",
		"1750983426", "6123045978", "3674209581", "5869720134", "8945362017",
		"9438617205", "2581436790" };
	int row = 0;

	for (size_t i = 0; i < n; i++)
		row = table[row][digits[i] - '0'] - '0';
	return row;
}

const char *
serial_format(SerialKind kind, int64_t id, char buf[SERIAL_SIZE])
{
	char digits[SERIAL_SIZE];

	g_snprintf(digits, sizeof(digits), "%08" G_GINT64_FORMAT, id);
	g_snprintf(buf, SERIAL_SIZE, "%c%s%d", letters[kind], digits,
	    damm(digits, strlen(digits)));
	return buf;
}

bool
serial_parse(const char *text, SerialKind *ret_kind, int64_t *ret_id, GError **error)
{
	char digits[DIGITS_MOST + 1];
	size_t n = 0;
	char letter = '\0';

	for (; *text != '\0'; text++) {
		if (g_ascii_isspace(*text))
			continue;
		if (letter == '\0') {
			letter = g_ascii_toupper(*text);
			continue;
		}
		if (!g_ascii_isdigit(*text) || n == DIGITS_MOST)
			return err_set(error, TP_ERROR_INVALID, "no serial of a card");
		digits[n++] = *text;
	}
	digits[n] = '\0';
	if ((letter != letters[SERIAL_CARD] && letter != letters[SERIAL_LABEL]) ||
	    n < DIGITS_LEAST)
		return err_set(error, TP_ERROR_INVALID, "no serial of a card");
	if (damm(digits, n) != 0)
		return err_set(error, TP_ERROR_INVALID,
		    "a serial with a wrong digit, or two of them swapped");
	digits[n - 1] = '\0';
	*ret_kind = letter == letters[SERIAL_CARD] ? SERIAL_CARD : SERIAL_LABEL;
	*ret_id = g_ascii_strtoll(digits, NULL, 10);
	return true;
}
