/*
 * fake_imapd.c - see the header.
 */
#include "tests/support/fake_imapd.h"

#include <arpa/inet.h>
#include <glib/gstdio.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/cm.h"
#include "tests/support/fake_smtpd.h"

static void
run_here(const char *const *argv)
{
	g_autoptr(GError) error = NULL;
	int status = 0;

	if (!g_spawn_sync(g_getenv("TP_SOURCE"), (char **)(uintptr_t)argv, NULL,
		G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, &status, &error) ||
	    status != 0)
		fail_msg("%s %s: %s (%d)", argv[0], argv[1],
		    error == NULL ? "failed" : error->message, status);
}

static void
make_certs(const char *folder)
{
	const char *argv[] = { "/bin/sh", "tests/support/make_certs.sh", folder, NULL };

	run_here(argv);
}

static void
read_ports(FakeImapd *imapd, int fd)
{
	FILE *out = fdopen(fd, "r");
	char name[64] = "";
	int port = 0;

	assert_non_null(out);
	while (fscanf(out, "%63s", name) == 1 && strcmp(name, "ready") != 0) {
		assert_int_equal(fscanf(out, "%d", &port), 1);
		g_hash_table_insert(imapd->ports, g_strdup(name), GINT_TO_POINTER(port));
	}
	assert_string_equal(name, "ready");
	(void)fclose(out);
}

FakeImapd *
fake_imapd_start(void)
{
	FakeImapd *imapd = g_new0(FakeImapd, 1);
	const char *argv[] = { "/usr/bin/python3", "-Wignore",
		"tests/support/fake_imapd.py", NULL, NULL, NULL };
	g_autoptr(GError) error = NULL;
	int out = -1;

	imapd->folder = test_folder_make();
	imapd->ports = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	make_certs(imapd->folder);
	argv[3] = argv[4] = imapd->folder;
	if (!g_spawn_async_with_pipes(g_getenv("TP_SOURCE"), (char **)(uintptr_t)argv,
		NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, &imapd->pid,
		&imapd->stdin_fd, &out, NULL, &error))
		fail_msg("cannot start the fake server: %s", error->message);
	read_ports(imapd, out);
	return imapd;
}

void
fake_imapd_stop(FakeImapd *imapd)
{
	(void)close(imapd->stdin_fd);
	(void)waitpid(imapd->pid, NULL, 0);
	g_spawn_close_pid(imapd->pid);
	g_hash_table_unref(imapd->ports);
	test_folder_drop(imapd->folder);
	g_free(imapd);
}

int
fake_imapd_port(const FakeImapd *imapd, const char *row)
{
	int port = GPOINTER_TO_INT(g_hash_table_lookup(imapd->ports, row));

	if (port == 0)
		fail_msg("the fake server has no row '%s'", row);
	return port;
}

char *
fake_imapd_talk(const FakeImapd *imapd, const char *row)
{
	g_autofree char *path = g_strdup_printf("%s/%s.talk", imapd->folder, row);
	char *text = NULL;

	return g_file_get_contents(path, &text, NULL, NULL) ? text : g_strdup("");
}

/* ---- Dovecot ---- */

/* A port that was free a moment ago. */
static int
free_port(void)
{
	struct sockaddr_in at = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	socklen_t n = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &n), 0);
	close(fd);
	return ntohs(at.sin_port);
}

static void
put(const char *folder, const char *name, const char *text)
{
	g_autofree char *path = g_build_filename(folder, name, NULL);

	assert_true(g_file_set_contents(path, text, -1, NULL));
	assert_int_equal(g_chmod(path, 0644), 0);
}

static void
write_config(const FixDovecot *d)
{
	g_autofree char *text =
	    g_strdup_printf("base_dir = %s/run\n"
			    "state_dir = %s/run\n"
			    "log_path = %s/log\n"
			    "protocols = imap\n"
			    "listen = 127.0.0.1\n"
			    "ssl = required\n"
			    "ssl_cert = <%s/good.pem\n"
			    "ssl_key = <%s/good.key\n"
			    "auth_mechanisms = plain\n"
			    "mail_location = maildir:%s/mail/%%n\n"
			    "first_valid_uid = 1\n"
			    "passdb {\n driver = static\n"
			    " args = password=s3cret\n}\n"
			    "userdb {\n driver = static\n"
			    " args = uid=mail gid=mail home=%s/mail\n}\n"
			    "service imap-login {\n"
			    " inet_listener imap {\n  port = %d\n }\n"
			    " inet_listener imaps {\n  port = %d\n"
			    "  ssl = yes\n }\n}\n",
		d->folder, d->folder, d->folder, d->folder, d->folder, d->folder,
		d->folder, d->imap_port, d->imaps_port);

	put(d->folder, "dovecot.conf", text);
}

static bool
is_open(int port)
{
	struct sockaddr_in at = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
		.sin_port = htons((uint16_t)port),
	};
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	bool open = connect(fd, (struct sockaddr *)&at, sizeof(at)) == 0;

	close(fd);
	return open;
}

static void
start(const FixDovecot *d)
{
	g_autofree char *config = g_build_filename(d->folder, "dovecot.conf", NULL);
	const char *argv[] = { "/usr/sbin/dovecot", "-c", config, NULL };

	run_here(argv);
	for (int i = 0; i < 600 && !is_open(d->imaps_port); i++)
		g_usleep(50000);
	assert_true(is_open(d->imaps_port));
}

static void
stop(const FixDovecot *d)
{
	g_autofree char *config = g_build_filename(d->folder, "dovecot.conf", NULL);
	const char *argv[] = { "/usr/bin/doveadm", "-c", config, "stop", NULL };

	run_here(argv);
	for (int i = 0; i < 600 && is_open(d->imaps_port); i++)
		g_usleep(50000);
}

FixDovecot *
fix_dovecot_start(void)
{
	FixDovecot *d;
	g_autofree char *mail = NULL;
	const struct passwd *user = getpwnam("mail");

	if (getuid() != 0 || user == NULL ||
	    !g_file_test("/usr/sbin/dovecot", G_FILE_TEST_IS_EXECUTABLE))
		return NULL;
	d = g_new0(FixDovecot, 1);
	d->folder = test_folder_make();
	assert_int_equal(g_chmod(d->folder, 0755), 0);
	mail = g_build_filename(d->folder, "mail", NULL);
	assert_int_equal(g_mkdir(mail, 0700), 0);
	assert_int_equal(chown(mail, user->pw_uid, user->pw_gid), 0);
	make_certs(d->folder);
	d->imap_port = free_port();
	d->imaps_port = free_port();
	write_config(d);
	start(d);
	return d;
}

void
fix_dovecot_stop(FixDovecot *d)
{
	if (d == NULL)
		return;
	stop(d);
	test_folder_drop(d->folder);
	g_free(d);
}

void
fix_dovecot_restart(FixDovecot *d)
{
	stop(d);
	start(d);
}

void
fix_dovecot_deliver(const FixDovecot *d, int number, const char *text)
{
	const struct passwd *user = getpwnam("mail");
	static const char *const folders[] = { "", "tmp", "new", "cur" };
	g_autofree char *path = NULL;
	FILE *file;

	for (size_t i = 0; i < G_N_ELEMENTS(folders); i++) {
		g_autofree char *folder =
		    g_build_filename(d->folder, "mail", "orders", folders[i], NULL);

		if (g_mkdir(folder, 0700) == 0)
			assert_int_equal(chown(folder, user->pw_uid, user->pw_gid), 0);
	}
	path = g_strdup_printf(
	    "%s/mail/orders/new/%d.M%dP1.host", d->folder, 1795512600 + number, number);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	assert_int_equal(chown(path, user->pw_uid, user->pw_gid), 0);
}

void
fix_dovecot_recreate(FixDovecot *d)
{
	char *mail = g_build_filename(d->folder, "mail", "orders", NULL);

	stop(d);
	test_folder_drop(mail);
	start(d);
}
