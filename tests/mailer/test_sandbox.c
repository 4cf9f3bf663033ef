/*
 * test_sandbox.c - what is read in the child cannot hurt, and its death is told.
 */
#include "tests/support/cm.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "mailer/parse_json.h"
#include "mailer/sandbox.h"
#include "mailer/sort.h"
#include "queue/limits.h"

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED true
#else
#define SANITIZED false
#endif

typedef bool (*Read)(GBytes *input, void *user, json_t **ret, GError **error);

static int
run(Read read, void *user, const char *text, json_t **ret, char **death, GError **error)
{
	const Sandbox sandbox = { .read = read, .user = user, .cpu_s = 1 };
	g_autoptr(GBytes) input = g_bytes_new(text, strlen(text));

	return sandbox_run(&sandbox, input, ret, death, error);
}

/* ---- what works ---- */

static bool
read_mail(GBytes *input, void *user, json_t **ret, GError **error)
{
	g_autoptr(ParsedMail) mail = parse_mail(input, error);
	const SortSelf self = { .domain = "depot.example" };
	g_autoptr(MailSort) sort = NULL;

	(void)user;
	if (mail == NULL)
		return false;
	sort = sort_mail(mail, &self);
	*ret = json_pack(
	    "{s:o, s:o}", "mail", parse_to_json(mail), "sort", sort_to_json(sort));
	return true;
}

static void
a_mail_is_read_in_any_charset(void **state)
{
	static const char *const charsets[] = { "iso-8859-15", "koi8-r", "gb18030",
		"iso-2022-jp", "utf-16", "shift_jis", "windows-1252", "x-unknown" };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(charsets); i++) {
		g_autofree char *text = g_strdup_printf("From: a@b.example\n"
							"Subject: =?%s?q?=A4=A4=00=41?=\n"
							"\n{\"order\":1}\n",
		    charsets[i]);
		g_autofree char *death = NULL;
		g_autoptr(GError) error = NULL;
		g_autoptr(GBytes) bytes = g_bytes_new(text, strlen(text));
		json_t *here = NULL;
		json_t *there = NULL;

		assert_int_equal(run(read_mail, NULL, text, &there, &death, &error), 1);
		assert_true(read_mail(bytes, NULL, &here, NULL));
		/* The same record: no converter was missing in the child. */
		assert_true(json_equal(here, there));
		json_decref(here);
		json_decref(there);
	}
}

static void
an_error_comes_out_as_it_was(void **state)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *death = NULL;
	json_t *ret = NULL;

	(void)state;
	assert_int_equal(run(read_mail, NULL, "", &ret, &death, &error), -1);
	assert_error(error, TP_ERROR_INVALID);
	assert_string_equal(error->message, "the message is empty");
	assert_null(ret);
	assert_null(death);
}

/* ---- what does not ---- */

static json_t *
tried(int rc)
{
	return json_integer(rc < 0 ? errno : 0);
}

static bool
try_everything(GBytes *input, void *user, json_t **ret, GError **error)
{
	const struct timespec nap = { .tv_nsec = 1 };

	(void)input;
	(void)error;
	*ret = json_object();
	json_object_set_new(*ret, "socket", tried(socket(AF_INET, SOCK_STREAM, 0)));
	json_object_set_new(*ret, "unix", tried(socket(AF_UNIX, SOCK_STREAM, 0)));
	json_object_set_new(*ret, "open", tried(open("/etc/passwd", O_RDONLY)));
	json_object_set_new(*ret, "create",
	    tried(open("/tmp/sandbox-was-here", O_WRONLY | O_CREAT, 0600)));
	json_object_set_new(*ret, "fork", tried(fork()));
	json_object_set_new(*ret, "exec", tried(execl("/bin/true", "true", NULL)));
	json_object_set_new(*ret, "kill", tried(kill(getppid(), 0)));
	json_object_set_new(*ret, "unlink", tried(unlink("/tmp/nothing-of-that-name")));
	json_object_set_new(*ret, "dup", tried(dup(0)));
	json_object_set_new(*ret, "sleep", tried(nanosleep(&nap, NULL)));
	/* The descriptor that the parent has open. */
	json_object_set_new(*ret, "inherited", tried((int)write(*(int *)user, "x", 1)));
	return true;
}

static void
the_child_can_reach_nothing(void **state)
{
	g_autofree char *death = NULL;
	g_autoptr(GError) error = NULL;
	json_t *ret = NULL;
	json_t *value;
	const char *key;
	int fds[2];

	(void)state;
	if (SANITIZED)
		skip();
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(run(try_everything, &fds[1], "x", &ret, &death, &error), 1);
	assert_int_equal(json_object_size(ret), 11);
	json_object_foreach (ret, key, value) {
		if (json_integer_value(value) == 0)
			fail_msg("'%s' worked in the child", key);
	}
	json_decref(ret);
	assert_false(g_file_test("/tmp/sandbox-was-here", G_FILE_TEST_EXISTS));
	close(fds[0]);
	close(fds[1]);
}

typedef struct Secret {
	char key[32];
} Secret;

static void
forget_secret(void *user)
{
	explicit_bzero(user, sizeof(Secret));
}

static bool
show_secret(GBytes *input, void *user, json_t **ret, GError **error)
{
	const Secret *secret = user;

	(void)input;
	(void)error;
	*ret = json_pack("{s:i, s:i}", "first", secret->key[0], "last", secret->key[31]);
	return true;
}

static void
keys_are_forgotten_in_the_child_only(void **state)
{
	Secret secret;
	const Sandbox sandbox = { show_secret, &secret, forget_secret, 0 };
	g_autoptr(GBytes) input = g_bytes_new("x", 1);
	g_autofree char *death = NULL;
	json_t *ret = NULL;

	(void)state;
	memset(&secret, 'k', sizeof(secret));
	assert_int_equal(sandbox_run(&sandbox, input, &ret, &death, NULL), 1);
	assert_int_equal(json_integer_value(json_object_get(ret, "first")), 0);
	assert_int_equal(json_integer_value(json_object_get(ret, "last")), 0);
	assert_int_equal(secret.key[0], 'k');
	json_decref(ret);
}

/* ---- how a child can end ---- */

static bool
end_fault(GBytes *input, void *user, json_t **ret, GError **error)
{
	volatile int *nowhere = user;

	(void)input;
	(void)ret;
	(void)error;
	return *nowhere != 0;
}

static int
descend(volatile char *above, int depth)
{
	volatile char frame[4096];

	frame[0] = *above;
	return depth == 0 ? frame[0] : descend(frame, depth - 1) + frame[0];
}

static bool
end_stack(GBytes *input, void *user, json_t **ret, GError **error)
{
	volatile char start = 1;

	(void)input;
	(void)user;
	(void)ret;
	(void)error;
	return descend(&start, 1000000) != 7;
}

static bool
end_memory(GBytes *input, void *user, json_t **ret, GError **error)
{
	g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(g_free);

	(void)input;
	(void)user;
	(void)error;
	for (int i = 0; i < 1024; i++)
		g_ptr_array_add(all, memset(g_malloc(1 << 20), 1, 1 << 20));
	*ret = json_true();
	return true;
}

static bool
end_loop(GBytes *input, void *user, json_t **ret, GError **error)
{
	volatile uint64_t n = 0;

	(void)input;
	(void)user;
	(void)ret;
	(void)error;
	while (n + 1 != 0)
		n++;
	return true;
}

static bool
end_abort(GBytes *input, void *user, json_t **ret, GError **error)
{
	(void)input;
	(void)user;
	(void)ret;
	(void)error;
	abort();
}

static bool
end_silent(GBytes *input, void *user, json_t **ret, GError **error)
{
	(void)input;
	(void)user;
	(void)ret;
	(void)error;
	_exit(0);
}

static bool
end_garbage(GBytes *input, void *user, json_t **ret, GError **error)
{
	(void)input;
	(void)user;
	(void)ret;
	(void)error;
	if (write(3, "{\"ok\": [1, 2", 12) != 12)
		_exit(1);
	_exit(0);
}

static bool
end_code(GBytes *input, void *user, json_t **ret, GError **error)
{
	(void)input;
	(void)user;
	(void)ret;
	(void)error;
	if (write(3, "{\"error\":{\"code\":99,\"text\":\"x\"}}", 32) != 32)
		_exit(1);
	_exit(0);
}

static bool
end_flood(GBytes *input, void *user, json_t **ret, GError **error)
{
	static const char page[64 * 1024];

	(void)input;
	(void)user;
	(void)ret;
	(void)error;
	while (write(3, page, sizeof(page)) > 0)
		continue;
	_exit(0);
}

static bool
end_hidden(GBytes *input, void *user, json_t **ret, GError **error)
{
	(void)input;
	(void)user;
	close(3);
	return end_loop(input, user, ret, error);
}

typedef struct EndRow {
	const char *name;
	Read read;
	const char *death; /* part of what is told */
	bool sanitizer_differs;
} EndRow;

/* clang-format off */
static const EndRow ends[] = {
	{ "a wild pointer",          end_fault,   "signal 11", true },
	{ "an endless recursion",    end_stack,   "signal 11", true },
	{ "all memory",              end_memory,  "signal",    true },
	{ "an endless loop",         end_loop,    "1 s of processor time", false },
	{ "an abort",                end_abort,   "signal 6",  true },
	{ "a silent exit",           end_silent,  "no result", false },
	{ "half a document",         end_garbage, "no result", false },
	{ "an error that is none",   end_code,    "no result", false },
	{ "a flood",                 end_flood,   "bytes of result", false },
	{ "a closed pipe and a loop", end_hidden, "1 s of processor time", false },
};
/* clang-format on */

static void
death_is_told(void **state)
{
	const EndRow *row = *state;
	g_autofree char *death = NULL;
	g_autoptr(GError) error = NULL;
	json_t *ret = NULL;

	if (SANITIZED && row->sanitizer_differs)
		skip();
	assert_int_equal(run(row->read, NULL, "x", &ret, &death, &error), 0);
	assert_null(ret);
	assert_no_error(error);
	assert_non_null(death);
	if (strstr(death, row->death) == NULL)
		fail_msg("'%s' does not say '%s'", death, row->death);
	/* Nobody is left behind. */
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

/* valgrind reports every child that ends without freeing what it has. */
static void
under_valgrind_the_children_are_not_looked_at(void **state)
{
	(void)state;
	skip();
}

int
main(void)
{
	const struct CMUnitTest none[] = {
		cmocka_unit_test(under_valgrind_the_children_are_not_looked_at),
	};
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_mail_is_read_in_any_charset),
		cmocka_unit_test(an_error_comes_out_as_it_was),
		cmocka_unit_test(the_child_can_reach_nothing),
		cmocka_unit_test(keys_are_forgotten_in_the_child_only),
	};

	if (g_strcmp0(g_getenv("UNDER"), "valgrind") == 0)
		return cmocka_run_group_tests_name("sandbox", none, NULL, NULL);
	return run_rows("sandbox: ends", ends, death_is_told) +
	       cmocka_run_group_tests_name("sandbox", tests, NULL, NULL);
}
