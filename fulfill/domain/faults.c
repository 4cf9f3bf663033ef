/*
 * faults.c - a list of places and reasons.
 */
#include "fulfill/domain/faults.h"

#include <stdarg.h>

/* A file that is wrong everywhere is told so a hundred times, not a million. */
#define FAULTS_MAX 100

struct Faults {
	GPtrArray *list;
};

static void
fault_free(gpointer data)
{
	Fault *fault = data;

	g_free(fault->path);
	g_free(fault->text);
	g_free(fault);
}

Faults *
faults_new(void)
{
	Faults *faults = g_new0(Faults, 1);

	faults->list = g_ptr_array_new_with_free_func(fault_free);
	return faults;
}

void
faults_free(Faults *faults)
{
	if (faults == NULL)
		return;
	g_ptr_array_unref(faults->list);
	g_free(faults);
}

void
faults_add(Faults *faults, const char *path, const char *format, ...)
{
	Fault *fault;
	va_list args;

	if (faults->list->len >= FAULTS_MAX)
		return;
	fault = g_new0(Fault, 1);
	fault->path = g_strdup(path);
	va_start(args, format);
	fault->text = g_strdup_vprintf(format, args);
	va_end(args);
	g_ptr_array_add(faults->list, fault);
}

guint
faults_count(const Faults *faults)
{
	return faults->list->len;
}

const Fault *
faults_at(const Faults *faults, guint i)
{
	return g_ptr_array_index(faults->list, i);
}
