/*
 * test_smtp_sink.c - 500 messages over 8 connections into Postfix's smtp-sink, which is
 * not ours and writes down what it received.
 */
#include "tests/support/cm.h"

#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mailer/mime.h"
#include "mailer/sender.h"
#include "tests/support/fake_smtpd.h"

#define SINK "/usr/sbin/smtp-sink"

enum { MESSAGES = 500, CONNECTIONS = 8 };

static char *folder;
static GPid sink;
static int port;

/* smtp-sink takes no port 0, so one that was free a moment ago must do. */
static int
free_port(void)
{
	struct sockaddr_in addr = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	socklen_t length = sizeof(addr);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&addr, &length), 0);
	(void)close(fd);
	return ntohs(addr.sin_port);
}

static bool
answers(void)
{
	struct sockaddr_in addr = {
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	bool good = connect(fd, (struct sockaddr *)&addr, sizeof(addr)) == 0;

	(void)close(fd);
	return good;
}

static int
start_sink(void **state)
{
	g_autofree char *where = NULL;
	g_autofree char *dump = NULL;
	g_autoptr(GPtrArray) argv = g_ptr_array_new();

	(void)state;
	if (access(SINK, X_OK) < 0)
		return 0;
	folder = test_folder_make();
	/* It may run as nobody. */
	assert_int_equal(chmod(folder, 0777), 0);
	port = free_port();
	where = g_strdup_printf("127.0.0.1:%d", port);
	dump = g_build_filename(folder, "m.", NULL);
	g_ptr_array_add(argv, (char *)SINK);
	if (getuid() == 0) {
		g_ptr_array_add(argv, (char *)"-u");
		g_ptr_array_add(argv, (char *)"nobody");
	}
	g_ptr_array_add(argv, (char *)"-d");
	g_ptr_array_add(argv, dump);
	g_ptr_array_add(argv, where);
	g_ptr_array_add(argv, (char *)"64");
	g_ptr_array_add(argv, NULL);
	assert_true(g_spawn_async("/", (char **)argv->pdata, NULL,
	    G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, &sink, NULL));
	for (int i = 0; i < 500 && !answers(); i++)
		g_usleep(20000);
	assert_true(answers());
	return 0;
}

static int
stop_sink(void **state)
{
	(void)state;
	if (sink == 0)
		return 0;
	(void)kill(sink, SIGTERM);
	(void)waitpid(sink, NULL, 0);
	test_folder_drop(folder);
	return 0;
}

static int sent;
static int reused;

static void
on_done(void *user, const SenderResult *result)
{
	(void)user;
	assert_int_equal(result->outcome, MAIL_SENT);
	sent++;
	reused += result->reused;
}

static GBytes *
make_message(int i)
{
	g_autofree char *id = g_strdup_printf("%d.sink@mail.example.org", i);
	g_autofree char *text =
	    g_strdup_printf("Ticket %d\n.\n..\nFrom here\n\nEnde\n", i);
	g_autofree char *card = g_strnfill(9000, 'x');
	const MailPart file = {
		.type = "application/pdf",
		.filename = "card.pdf",
		.bytes = card,
		.length = 9000,
	};
	const Mail mail = {
		.message_id = id,
		.date_at = INT64_C(1795514700000000),
		.from = { "Lizenzen", "lizenz@example.org" },
		.to = { "Ada", "ada@example.org" },
		.subject = "Größe",
		.text = text,
		.files = &file,
		.n_files = 1,
	};
	GBytes *bytes = mime_compose(&mail, NULL);

	assert_non_null(bytes);
	return bytes;
}

/* The dump: lines of its own, then the message with LF. */
static void
check_dump(const char *path, bool *seen)
{
	g_autofree char *text = NULL;
	const char *id = NULL;
	const char *message = NULL;
	g_autoptr(GBytes) bytes = NULL;
	g_autoptr(GString) wanted = NULL;
	int i = -1;

	assert_true(g_file_get_contents(path, &text, NULL, NULL));
	id = strstr(text, "Message-ID: <");
	message = strstr(text, "Date: Tue");
	assert_non_null(id);
	assert_non_null(message);
	assert_int_equal(sscanf(id, "Message-ID: <%d.sink@", &i), 1);
	assert_in_range(i, 0, MESSAGES - 1);
	assert_false(seen[i]);
	seen[i] = true;
	bytes = make_message(i);
	wanted = g_string_new_len(
	    g_bytes_get_data(bytes, NULL), (gssize)g_bytes_get_size(bytes));
	g_string_replace(wanted, "\r\n", "\n", 0);
	assert_true(g_str_has_prefix(message, wanted->str));
	assert_non_null(strstr(text, "X-Rcpt-Args: <ada@example.org>"));
}

static void
every_message_arrives_once_and_whole(void **state)
{
	g_autofree char *url = g_strdup_printf("smtp://127.0.0.1:%d", port);
	const SenderOptions options = {
		.url = url,
		.done = on_done,
		.connections = CONNECTIONS,
	};
	g_autoptr(Sender) sender = NULL;
	g_autoptr(GDir) dir = NULL;
	const char *name = NULL;
	bool seen[MESSAGES] = { false };
	int files = 0;
	int next = 0;
	SenderStats stats;

	(void)state;
	if (sink == 0)
		skip();
	sender = sender_open(&options, NULL);
	assert_non_null(sender);
	while (sent < MESSAGES) {
		while (next < MESSAGES && sender_capacity(sender) > 0) {
			g_autoptr(GBytes) bytes = make_message(next);
			const SenderMail mail = {
				.id = next,
				.from = "bounces@example.org",
				.to = "ada@example.org",
				.bytes = bytes,
			};

			assert_int_equal(sender_submit(sender, &mail, NULL), 1);
			next++;
		}
		assert_true(sender_step(sender, 30000, NULL) >= 0);
	}
	sender_stats(sender, &stats);
	assert_in_range(stats.connects, 1, CONNECTIONS);
	assert_int_equal(reused, MESSAGES - stats.connects);
	dir = g_dir_open(folder, 0, NULL);
	while ((name = g_dir_read_name(dir)) != NULL) {
		g_autofree char *path = g_build_filename(folder, name, NULL);

		check_dump(path, seen);
		files++;
	}
	assert_int_equal(files, MESSAGES);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_message_arrives_once_and_whole),
	};

	return cmocka_run_group_tests_name("smtp_sink", tests, start_sink, stop_sink);
}
