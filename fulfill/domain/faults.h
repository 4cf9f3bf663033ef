/*
 * faults.h - everything that is wrong with a document, not only the first thing.
 */
#pragma once

#include <glib.h>

#include "queue/err.h"

typedef struct Fault {
	char *path; /* where: "products[3].price" */
	char *text; /* what: "'499' is not an amount with a currency" */
} Fault;

typedef struct Faults Faults;

Faults *faults_new(void);
void faults_free(Faults *faults);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Faults, faults_free)

void faults_add(Faults *faults, const char *path, const char *format, ...) PRINTF(3, 4);
guint faults_count(const Faults *faults);
const Fault *faults_at(const Faults *faults, guint i);
