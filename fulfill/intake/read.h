/*
 * read.h - what the readers of the formats share: private to this folder.
 *
 * A reader gets text that is valid UTF-8 without a byte order mark (XML: the bytes as
 * they are) and adds a draft for each order, or fails as a whole with order_error_set().
 */
#pragma once

#include "fulfill/intake/intake.h"

/* What has been read so far. */
typedef struct ReadOut {
	GPtrArray *orders; /* of OrderDraft */
	guint errors;      /* in all of them */
} ReadOut;

bool read_json(const char *text, size_t size, const IntakeHint *hint, ReadOut *out,
    GError **error) MUST_USE;
bool read_csv(const char *text, size_t size, const IntakeHint *hint, ReadOut *out,
    GError **error) MUST_USE;

bool read_xml(const char *text, size_t size, const IntakeHint *hint, ReadOut *out,
    GError **error) MUST_USE;
bool read_edifact(const char *text, size_t size, const IntakeHint *hint, ReadOut *out,
    GError **error) MUST_USE;

/* The format of an XML document by the local name of its root; INTAKE_XML for others. */
IntakeFormat read_xml_recognise(const char *root);

/* Is the first line of `text` a header of ours? */
bool read_csv_is_header(const char *text, size_t size);

/* Hands over a draft, good or bad; false when there are too many drafts or errors. */
bool read_add(ReadOut *out, OrderDraft *draft, GError **error) MUST_USE;

/* Line of `at` in the text that begins at `text`, from 1. */
int read_line_of(const char *text, const char *at);
