/*
 * ticket_csv.h - the list of tickets that comes with a digest (RFC 4180, UTF-8, CRLF).
 *
 * Text that a spreadsheet would take for a formula gets an apostrophe in front
 * (CVE-2021-41270 and its kin): = + - @ TAB CR and their full-width forms.
 */
#pragma once

#include <glib.h>
#include <jansson.h>

typedef struct TicketCsv TicketCsv;

TicketCsv *ticket_csv_new(void);
void ticket_csv_free(TicketCsv *csv);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(TicketCsv, ticket_csv_free)

/* A row: the order's facts and those of one ticket. */
void ticket_csv_add(TicketCsv *csv, const json_t *frame, const json_t *facts);

/* Borrowed, NUL-terminated. */
const char *ticket_csv_text(const TicketCsv *csv, size_t *ret_length);
