/*
 * datev.h - statements as a DATEV posting batch (EXTF, Buchungsstapel 700/21/13).
 *
 * For bookkeeping without an ERP: a posting for each party and product, charges in debit
 * (S), credits and corrections below 0 in credit (H), because amounts are never negative
 * there.  CP1252, CR LF, decimal comma, one posting period a file.
 *
 * The batch is of use only with the number of the invoice (Belegfeld 1): give it where it
 * is known; otherwise PARTY-YYYY-MM stands there.
 */
#pragma once

#include "fulfill/domain/report.h"

typedef struct DatevConfig {
	int64_t consultant;  /* 1001 to 9999999 */
	int64_t client;      /* 1 to 99999 */
	int year_begins;     /* month, 1 to 12 */
	int account_length;  /* of ledger accounts, 4 to 8; persons have one digit more */
	const char *revenue; /* ledger account that is credited */
	const char *tax_key; /* BU-Schlüssel of up to 4 digits, or NULL */
	const char *debtors; /* "R-100=10001,R-200=10002" */
} DatevConfig;

typedef struct Datev Datev;

/* CONFIG names the setting of section [datev] that is missing or wrong.  `config` and
 * `invoice` (NULL: none) are borrowed. */
Datev *datev_new(
    const DatevConfig *config, Day month, const char *invoice, GError **error) MUST_USE;
void datev_free(Datev *datev);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Datev, datev_free)

/* A ReportFn for the rows of REPORT_STATEMENT.  INVALID: another currency than EUR, a
 * party without a debtor's account. */
bool datev_row(void *datev, const ReportCell *cells, GError **error);

/* Appends the file, in CP1252.  `made_at` is its time of making: of the closing, where
 * there is one, so that the same month has the same bytes.  INVALID: an amount of more
 * than ten digits. */
bool datev_write(Datev *datev, int64_t made_at, GString *out, GError **error) MUST_USE;
