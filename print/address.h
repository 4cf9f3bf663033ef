/*
 * address.h - a postal address as the lines of a letter or a label.
 *
 * address_format() puts the parts of an address into the order its country wants
 * (addresses.def), with the country in capitals as the last line of mail that leaves the
 * sender's country, in the sender's language (country.def).  address_fit() says at which
 * size the lines fit into a window or onto a label.  Neither ever clips: what is missing,
 * too long or too much is an error that names the field, so that the delivery can be held
 * and mended before anything is printed.
 *
 * Messages name fields and measures, never what stands in them: they end in logs.
 */
#pragma once

#include <stddef.h>

#include "queue/err.h"
#include "queue/limits.h"

/* UTF-8; NULL or "" is absent.  Borrowed. */
typedef struct Address {
	const char *company;
	const char *name;
	const char *const *lines; /* NULL-terminated: building, street, box */
	const char *postcode;
	const char *city;
	const char *region;  /* state, province, county: US CA AU need it */
	const char *country; /* ISO 3166-1 alpha-2 */
} Address;

/* Lines with what they were made of.  Empty ({ 0 }) before address_format() fills it. */
typedef struct AddressBlock {
	int n;
	char *lines[LIMIT_ADDRESS_LINES];
	const char *fields[LIMIT_ADDRESS_LINES]; /* "company", "city": for messages */
} AddressBlock;

void address_block_clear(AddressBlock *block);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(AddressBlock, address_block_clear)

/*
 * The address as one to six lines, none blank.  `home` is the sender's country (alpha-2),
 * `language` the sender's ("de"; anything else is English).
 *
 * An address with neither postcode nor city is ready-made: its lines are taken as they
 * are, below company and name unless they stand among the lines already; one of them must
 * have a postcode, where the country has such.
 *
 * false: INVALID, naming the field: missing, with control or invisible characters, longer
 * than LIMIT_ADDRESS_LINE_CHARS, a postcode that cannot be one of this country, an
 * unknown country, or more than six lines in all.
 */
bool address_format(const Address *address, const char *home, const char *language,
    AddressBlock *ret, GError **error) MUST_USE;

/* The country in `language`, not in capitals; NULL if there is no such code. */
const char *address_country(const char *code, const char *language);

/* How wide `text` is when set at `size_pt`, in millimetres. */
typedef double AddressWidth(void *context, const char *text, double size_pt);

/* A place for an address. */
typedef struct AddressFrame {
	const char *name; /* for messages: "window" */
	double width_mm, height_mm;
	double most_pt, least_pt; /* sizes of type to try, in steps of half a point */
} AddressFrame;

/*
 * DIN 5008: the address zone is 27.3 mm high and starts 5 mm inside a field of 85 mm; the
 * last 2.5 mm stay free, as services that read the window want it.  Deutsche Post reads
 * 10 to 12 pt best, 8 pt is the least.
 */
extern const AddressFrame address_window;

/* An address as it is set.  Empty ({ 0 }) before address_fit() fills it. */
typedef struct AddressFit {
	double size_pt;
	double pitch_mm;    /* from baseline to baseline */
	AddressBlock block; /* the lines, long ones broken */
} AddressFit;

void address_fit_clear(AddressFit *fit);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(AddressFit, address_fit_clear)

/*
 * The largest size at which all lines fit; one size for the whole block.  A company, name
 * or street that is too wide even at the least size is broken at spaces into lines of
 * like width, as long as there are six lines at most; towns and countries are not.
 *
 * false: INVALID, naming the field that is too wide, by how much, and the frame; or the
 * height that is missing.
 */
bool address_fit(const AddressBlock *block, const AddressFrame *frame,
    AddressWidth *width, void *context, AddressFit *ret, GError **error) MUST_USE;
