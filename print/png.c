/*
 * png.c - a PNG written symbol by symbol (RFC 2083, RFC 1950, RFC 1951).
 */
#include "print/png.h"

#include <string.h>

#include "print/flate.h"
#include "queue/err.h"

#define ADLER_BASE 65521u
#define MATCH_MAX 258
#define END_OF_BLOCK 256
#define LENGTH_258 285
#define N_LENGTH_CODES 29

/* RFC 1951 3.2.5: first length and number of extra bits of the codes 257 to 285. */
static const uint16_t length_base[N_LENGTH_CODES] = { 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15,
	17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258 };
static const uint8_t length_extra[N_LENGTH_CODES] = { 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1,
	2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0 };

typedef struct Bits {
	uint8_t *at;
	uint64_t held;
	int n;
} Bits;

static void
bits_put(Bits *b, uint32_t value, int n)
{
	b->held |= (uint64_t)value << b->n;
	b->n += n;
	while (b->n >= 8) {
		*b->at++ = (uint8_t)b->held;
		b->held >>= 8;
		b->n -= 8;
	}
}

/* Huffman codes travel with their first bit first. */
static void
bits_put_code(Bits *b, uint32_t code, int n)
{
	uint32_t turned = 0;

	for (int i = 0; i < n; i++)
		turned |= ((code >> i) & 1) << (n - 1 - i);
	bits_put(b, turned, n);
}

/* A stretch of bits with a length, ready to be put. */
typedef struct Mark {
	uint32_t bits;
	int n;
} Mark;

/*
 * The block's alphabet.  White is the commonest byte: 1 bit; black 2 bits; the four
 * others 4 bits each, which makes the code complete (RFC 1951 wants it so).
 */
typedef struct Alphabet {
	int four[4];        /* symbols of 4 bits, ascending */
	int distance_code;  /* the only one: one row back */
	int distance_extra; /* number and value of its extra bits */
	int distance_value;
} Alphabet;

static int
length_code(int length)
{
	int i = N_LENGTH_CODES - 1;

	while (length_base[i] > length)
		i--;
	return 257 + i;
}

/* What is left of `total` bytes when as many matches of 258 as possible are taken, but
 * never 1 or 2, which no match can say. */
static int
rest_of(int total)
{
	int rest = total % MATCH_MAX;

	return rest == 1 || rest == 2 ? rest + MATCH_MAX : rest;
}

static void
alphabet_add(Alphabet *a, int *n, int symbol)
{
	for (int i = 0; i < *n; i++) {
		if (a->four[i] == symbol)
			return;
	}
	a->four[(*n)++] = symbol;
}

static int
compare_int(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

/* A rest of 259 or 260 is said as two matches of 129 or 130. */
static int
rest_match(int rest)
{
	return rest > MATCH_MAX ? (rest + 1) / 2 : rest;
}

static void
alphabet_init(Alphabet *a, int stride)
{
	int n = 0;
	int rests[2] = { rest_of(stride * (PNG_BAND_ROWS - 1)),
		rest_of(stride * PNG_BAND_ROWS) };
	int distance = stride - 1;
	int bits = 0;

	alphabet_add(a, &n, END_OF_BLOCK);
	alphabet_add(a, &n, LENGTH_258);
	for (int i = 0; i < 2; i++) {
		if (rests[i] > 0)
			alphabet_add(a, &n, length_code(rest_match(rests[i])));
	}
	/* Fill up with codes that are never used, so that there are four. */
	for (int spare = 257; n < 4; spare++)
		alphabet_add(a, &n, spare);
	qsort(a->four, 4, sizeof(a->four[0]), compare_int);
	/* RFC 1951 3.2.5: from distance 5 on, two codes for each power of two. */
	while ((distance >> (bits + 1)) > 1)
		bits++;
	a->distance_code = 2 * bits + 2 + ((distance >> bits) & 1);
	a->distance_extra = bits;
	a->distance_value = distance & ((1 << bits) - 1);
}

/* Code of a 4-bit symbol: 1100 for the first, and so on (RFC 1951 3.2.2). */
static uint32_t
code_of(const Alphabet *a, int symbol)
{
	for (uint32_t i = 0; i < 4; i++) {
		if (a->four[i] == symbol)
			return 0xC + i;
	}
	BUG("symbol %d is not in the alphabet", symbol);
	return 0;
}

static void
put_match(Bits *b, const Alphabet *a, int length)
{
	int symbol = length_code(length);

	bits_put_code(b, code_of(a, symbol), 4);
	bits_put(b, (uint32_t)(length - length_base[symbol - 257]),
	    length_extra[symbol - 257]);
	bits_put(b, 0, 1);
	bits_put(b, (uint32_t)a->distance_value, a->distance_extra);
}

static void
put_repeat(Bits *b, const Alphabet *a, int total)
{
	int rest = rest_of(total);

	for (int done = total - rest; done > 0; done -= MATCH_MAX)
		put_match(b, a, MATCH_MAX);
	if (rest > MATCH_MAX) {
		put_match(b, a, rest_match(rest));
		put_match(b, a, rest - rest_match(rest));
	} else if (rest > 0) {
		put_match(b, a, rest);
	}
}

/*
 * The table of code lengths (RFC 1951 3.2.7).  It holds the lengths 0, 1, 2, 4 and two
 * kinds of zero runs, whose own code is: 4 and 18 in 2 bits; 0, 1, 2 and 17 in 3.
 */
static void
put_length(Bits *b, int length)
{
	switch (length) {
	case 4:
		bits_put_code(b, 0, 2);
		break;
	case 0:
		bits_put_code(b, 4, 3);
		break;
	case 1:
		bits_put_code(b, 5, 3);
		break;
	case 2:
		bits_put_code(b, 6, 3);
		break;
	default:
		BUG("length %d", length);
	}
}

static void
put_zeros(Bits *b, int n)
{
	while (n > 0) {
		int run = MIN(n, 138);

		if (run >= 11) {
			bits_put_code(b, 1, 2);
			bits_put(b, (uint32_t)run - 11, 7);
		} else if (run >= 3) {
			bits_put_code(b, 7, 3);
			bits_put(b, (uint32_t)run - 3, 3);
		} else {
			run = 1;
			put_length(b, 0);
		}
		n -= run;
	}
}

static void
put_header(Bits *b, const Alphabet *a)
{
	/* Lengths of the code length code, in the RFC's order 16 17 18 0 8 7 9 6 10 5 11
	 * 4 12 3 13 2 14 1. */
	static const uint8_t own[18] = { 0, 3, 2, 3, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 3,
		0, 3 };
	int next = 256;

	bits_put(b, 1, 1); /* the last block */
	bits_put(b, 2, 2); /* with its own codes */
	bits_put(b, 286 - 257, 5);
	bits_put(b, (uint32_t)a->distance_code, 5);
	bits_put(b, 18 - 4, 4);
	for (size_t i = 0; i < sizeof(own); i++)
		bits_put(b, own[i], 3);
	put_length(b, 2);
	put_zeros(b, 254);
	put_length(b, 1);
	for (int i = 0; i < 4; i++) {
		put_zeros(b, a->four[i] - next);
		put_length(b, 4);
		next = a->four[i] + 1;
	}
	put_zeros(b, 286 - next);
	put_zeros(b, a->distance_code);
	put_length(b, 1);
}

static void
put_u32(uint8_t *at, uint32_t v)
{
	at[0] = (uint8_t)(v >> 24);
	at[1] = (uint8_t)(v >> 16);
	at[2] = (uint8_t)(v >> 8);
	at[3] = (uint8_t)v;
}

static uint8_t *
chunk_begin(uint8_t *at, const char *type)
{
	memcpy(at + 4, type, 4);
	return at + 8;
}

/* Closes the chunk begun at `start` whose data ends at `end`. */
static uint8_t *
chunk_end(uint8_t *start, uint8_t *end)
{
	size_t size = (size_t)(end - start) - 8;

	put_u32(start, (uint32_t)size);
	put_u32(end, flate_crc32(0, start + 4, size + 4));
	return end + 4;
}

/* Adler-32 (RFC 1950 8.2) of a row shown eight times, from its sums. */
static void
adler_rows(uint32_t *a, uint32_t *b, const uint8_t *row, int n)
{
	uint32_t sum = 0;
	uint64_t weighted = 0;

	/* The filter byte in front is 0 and adds only its place. */
	for (int i = 0; i < n; i++) {
		sum += row[i];
		weighted += (uint64_t)row[i] * (uint64_t)(n - i);
	}
	for (int i = 0; i < PNG_BAND_ROWS; i++) {
		*b = (uint32_t)((*b + (uint64_t)(n + 1) * *a + weighted) % ADLER_BASE);
		*a = (*a + sum) % ADLER_BASE;
	}
}

static uint8_t *
put_pixels(uint8_t *at, const uint8_t *rows, int row_bytes, int n_bands)
{
	Bits bits = { .at = at };
	Alphabet alphabet = { .distance_code = 0 };
	int stride = row_bytes + 1;
	uint32_t a = 1;
	uint32_t b = 0;

	alphabet_init(&alphabet, stride);
	*bits.at++ = 0x78; /* deflate, 32 KiB window, fastest */
	*bits.at++ = 0x01;
	put_header(&bits, &alphabet);
	for (int y = 0; y < n_bands; y++) {
		const uint8_t *row = rows + (size_t)y * (size_t)row_bytes;

		adler_rows(&a, &b, row, row_bytes);
		if (y > 0 && memcmp(row, row - row_bytes, (size_t)row_bytes) == 0) {
			put_repeat(&bits, &alphabet, stride * PNG_BAND_ROWS);
			continue;
		}
		bits_put(&bits, 1, 2); /* filter 0 is the byte 0x00; code 10, turned */
		for (int x = 0; x < row_bytes; x++) {
			if (row[x] == 0)
				bits_put(&bits, 1, 2);
			else
				bits_put(&bits, 0, 1);
		}
		put_repeat(&bits, &alphabet, stride * (PNG_BAND_ROWS - 1));
	}
	bits_put_code(&bits, code_of(&alphabet, END_OF_BLOCK), 4);
	bits_put(&bits, 0, 7); /* to the byte's end */
	put_u32(bits.at, b << 16 | a);
	return bits.at + 4;
}

void
png_bands(const uint8_t *rows, int row_bytes, int n_bands, GByteArray *out)
{
	static const uint8_t signature[8] = { 0x89, 'P', 'N', 'G', '\r', '\n', 0x1A,
		'\n' };
	size_t before = out->len;
	uint8_t *start;
	uint8_t *at;

	g_assert(row_bytes >= 16 && row_bytes <= 1024 && n_bands > 0);
	/* Two bits a byte at most, 9 matches of at most 20 bits a band, and the frame. */
	g_byte_array_set_size(
	    out, (guint)(before + 256 + (size_t)n_bands * ((size_t)row_bytes / 4 + 128)));
	at = out->data + before;
	memcpy(at, signature, sizeof(signature));
	start = at + sizeof(signature);
	at = chunk_begin(start, "IHDR");
	put_u32(at, (uint32_t)row_bytes * 8);
	put_u32(at + 4, (uint32_t)(n_bands * PNG_BAND_ROWS));
	memcpy(at + 8, "\x01\x00\x00\x00\x00", 5); /* 1 bit, grey, not interlaced */
	start = chunk_end(start, at + 13);
	at = chunk_begin(start, "IDAT");
	at = put_pixels(at, rows, row_bytes, n_bands);
	start = chunk_end(start, at);
	at = chunk_end(start, chunk_begin(start, "IEND"));
	g_byte_array_set_size(out, (guint)(at - out->data));
}
