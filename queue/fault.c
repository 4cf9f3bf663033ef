/*
 * fault.c - the counter behind fault.h.
 */
#include "queue/fault.h"

#ifdef TP_FAULTS

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct {
	bool read;
	enum { OFF, DIE, FAIL, COUNT } mode;
	char *name; /* NULL: any point */
	long at;
	long seen;
	int fd;
} fault;

static void
fault_read(void)
{
	const char *text = getenv("TICKETPOST_FAULT");
	g_auto(GStrv) part = NULL;
	guint n;

	fault.read = true;
	if (text == NULL)
		return;
	part = g_strsplit(text, ":", 3);
	n = g_strv_length(part);
	if (n == 2 && strcmp(part[0], "count") == 0) {
		fault.mode = COUNT;
		fault.fd = open(part[1], O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
		return;
	}
	if (n < 2)
		return;
	fault.mode = strcmp(part[0], "die") == 0    ? DIE
		     : strcmp(part[0], "fail") == 0 ? FAIL
						    : OFF;
	fault.name = n == 3 ? g_strdup(part[1]) : NULL;
	fault.at = strtol(part[n - 1], NULL, 10);
}

static bool
hit(const char *name)
{
	if (fault.name != NULL && strcmp(fault.name, name) != 0)
		return false;
	return ++fault.seen == fault.at;
}

static void
count(const char *kind, const char *name)
{
	g_autofree char *line = g_strconcat(kind, name, "\n", NULL);
	ssize_t n;

	if (fault.mode != COUNT || fault.fd < 0)
		return;
	n = write(fault.fd, line, strlen(line));
	(void)n;
}

void
fault_point(const char *name)
{
	if (!fault.read)
		fault_read();
	count("", name);
	if (fault.mode == DIE && hit(name))
		raise(SIGKILL);
}

bool
fault_unsafe(const char *name)
{
	const char *left_out = getenv("TICKETPOST_UNSAFE");

	return left_out != NULL && strcmp(left_out, name) == 0;
}

bool
fault_fails(const char *name)
{
	if (!fault.read)
		fault_read();
	count("fail ", name);
	return fault.mode == FAIL && hit(name);
}

#endif
