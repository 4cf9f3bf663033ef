/*
 * fake_smtpd.c - see the header.
 */
#include "tests/support/fake_smtpd.h"

#include <glib/gstdio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/cm.h"

char *
test_folder_make(void)
{
	char *path = g_dir_make_tmp("ticketpost-XXXXXX", NULL);

	assert_non_null(path);
	return path;
}

static void
drop_all(const char *path)
{
	g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
	const char *name = NULL;

	while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
		g_autofree char *child = g_build_filename(path, name, NULL);

		if (g_file_test(child, G_FILE_TEST_IS_DIR))
			drop_all(child);
		else
			(void)g_unlink(child);
	}
	(void)g_rmdir(path);
}

void
test_folder_drop(char *path)
{
	drop_all(path);
	g_free(path);
}

static void
read_ports(FakeSmtpd *smtpd, int fd)
{
	FILE *out = fdopen(fd, "r");
	char name[64];
	int port = 0;

	assert_non_null(out);
	while (fscanf(out, "%63s", name) == 1 && strcmp(name, "ready") != 0) {
		assert_int_equal(fscanf(out, "%d", &port), 1);
		g_hash_table_insert(smtpd->ports, g_strdup(name), GINT_TO_POINTER(port));
	}
	assert_string_equal(name, "ready");
	(void)fclose(out);
}

FakeSmtpd *
fake_smtpd_start(const char *certs, bool pipelining)
{
	FakeSmtpd *smtpd = g_new0(FakeSmtpd, 1);
	char *argv[] = {
		(char *)"/usr/bin/python3",
		(char *)"-Wignore",
		(char *)"tests/support/fake_smtpd.py",
		NULL,
		(char *)(certs == NULL ? "" : certs),
		(char *)(pipelining ? "pipelining" : "no-pipelining"),
		NULL,
	};
	g_autoptr(GError) error = NULL;
	int out = -1;

	smtpd->folder = test_folder_make();
	smtpd->ports = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	argv[3] = smtpd->folder;
	if (!g_spawn_async_with_pipes(g_getenv("TP_SOURCE"), argv, NULL,
		G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, &smtpd->pid, &smtpd->stdin_fd,
		&out, NULL, &error))
		fail_msg("cannot start the fake server: %s", error->message);
	read_ports(smtpd, out);
	return smtpd;
}

void
fake_smtpd_stop(FakeSmtpd *smtpd)
{
	(void)close(smtpd->stdin_fd);
	(void)waitpid(smtpd->pid, NULL, 0);
	g_spawn_close_pid(smtpd->pid);
	g_hash_table_unref(smtpd->ports);
	test_folder_drop(smtpd->folder);
	g_free(smtpd);
}

int
fake_smtpd_port(const FakeSmtpd *smtpd, const char *row)
{
	int port = GPOINTER_TO_INT(g_hash_table_lookup(smtpd->ports, row));

	if (port == 0)
		fail_msg("the fake server has no row '%s'", row);
	return port;
}

char *
fake_smtpd_message(const FakeSmtpd *smtpd, const char *row, int n)
{
	g_autofree char *name = g_strdup_printf("%s.%d.eml", row, n);
	g_autofree char *path = g_build_filename(smtpd->folder, name, NULL);
	char *text = NULL;

	return g_file_get_contents(path, &text, NULL, NULL) ? text : NULL;
}

int
fake_smtpd_stored(const FakeSmtpd *smtpd, const char *row)
{
	for (int n = 0;; n++) {
		g_autofree char *text = fake_smtpd_message(smtpd, row, n + 1);

		if (text == NULL)
			return n;
	}
}

char *
fake_smtpd_talk(const FakeSmtpd *smtpd, const char *row)
{
	g_autofree char *name = g_strconcat(row, ".talk", NULL);
	g_autofree char *path = g_build_filename(smtpd->folder, name, NULL);
	char *text = NULL;

	return g_file_get_contents(path, &text, NULL, NULL) ? text : g_strdup("");
}
