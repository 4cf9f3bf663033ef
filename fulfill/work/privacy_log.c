/*
 * privacy_log.c - erasures.jsonl.
 */
#include "fulfill/work/privacy_log.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "queue/day.h"

#define LOG_NAME "erasures.jsonl"

void
privacy_log_line_free(PrivacyLogLine *line)
{
	if (line == NULL)
		return;
	g_free(line->key);
	g_free(line->actor);
	g_free(line->reason);
	g_free(line);
}

static bool
unhex(const char *text, uint8_t ret[HASH_BYTES])
{
	if (text == NULL || strlen(text) != 2 * HASH_BYTES)
		return false;
	for (size_t i = 0; i < HASH_BYTES; i++) {
		int high = g_ascii_xdigit_value(text[2 * i]);
		int low = g_ascii_xdigit_value(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		ret[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

static char *
line_text(const PrivacyLogLine *line)
{
	char at[AT_CHARS];
	char mac[2 * HASH_BYTES + 1];
	json_t *object = json_pack("{s:s, s:s, s:s, s:I, s:I, s:s, s:s}", "key",
	    line->key, "at", at_format(line->at, at), "scope",
	    erase_scope_name(line->scope), "ref", (json_int_t)line->ref, "ref_at",
	    (json_int_t)line->ref_at, "actor", line->actor, "reason", line->reason);
	char *text;
	char *copy;

	if (line->has_mac) {
		hash_hex(line->mac, HASH_BYTES, mac);
		json_object_set_new(object, "mac", json_string(mac));
	}
	text = json_dumps(object, JSON_COMPACT);
	copy = g_strconcat(text, "\n", NULL);
	free(text);
	json_decref(object);
	return copy;
}

static bool
write_synced(int fd, const GString *text)
{
	size_t at = 0;

	while (at < text->len) {
		ssize_t n = write(fd, text->str + at, text->len - at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		at += (size_t)n;
	}
	return fsync(fd) == 0;
}

static bool
sync_folder(const char *folder, GError **error)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool ok = fd >= 0 && fsync(fd) == 0;

	if (!ok)
		err_errno(error, errno, "cannot sync folder '%s'", folder);
	if (fd >= 0)
		close(fd);
	return ok;
}

bool
privacy_log_append(const char *folder, const GPtrArray *lines, GError **error)
{
	g_autofree char *path = g_build_filename(folder, LOG_NAME, NULL);
	g_autoptr(GString) text = g_string_new("");
	int fd;
	bool ok;

	if (g_mkdir_with_parents(folder, 0700) < 0)
		return err_errno(error, errno, "cannot make folder '%s'", folder);
	for (guint i = 0; i < lines->len; i++) {
		g_autofree char *line = line_text(g_ptr_array_index(lines, i));

		g_string_append(text, line);
	}
	fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_errno(error, errno, "cannot open '%s'", path);
	ok = write_synced(fd, text);
	if (!ok)
		err_errno(error, errno, "cannot write '%s'", path);
	close(fd);
	return ok && sync_folder(folder, error);
}

/* A line cut off by a crash (the last one) was never acted on: it is passed over. */
static PrivacyLogLine *
parse_line(const char *text)
{
	g_autoptr(PrivacyLogLine) line = g_new0(PrivacyLogLine, 1);
	json_t *object = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	const char *mac = json_string_value(json_object_get(object, "mac"));
	const char *at = json_string_value(json_object_get(object, "at"));
	bool ok;

	line->key = g_strdup(json_string_value(json_object_get(object, "key")));
	line->actor = g_strdup(json_string_value(json_object_get(object, "actor")));
	line->reason = g_strdup(json_string_value(json_object_get(object, "reason")));
	line->ref = json_integer_value(json_object_get(object, "ref"));
	line->ref_at = json_integer_value(json_object_get(object, "ref_at"));
	line->has_mac = unhex(mac, line->mac);
	ok = line->key != NULL && line->actor != NULL && line->reason != NULL &&
	     at != NULL && at_parse(at, &line->at, NULL) &&
	     erase_scope_from_name(
		 json_string_value(json_object_get(object, "scope")), &line->scope) &&
	     (line->scope != ERASE_EMAIL || line->has_mac);
	json_decref(object);
	return ok ? g_steal_pointer(&line) : NULL;
}

GPtrArray *
privacy_log_read(const char *folder, GError **error)
{
	g_autofree char *path = g_build_filename(folder, LOG_NAME, NULL);
	g_autoptr(GPtrArray) lines =
	    g_ptr_array_new_with_free_func((GDestroyNotify)privacy_log_line_free);
	g_autofree char *text = NULL;
	g_auto(GStrv) parts = NULL;

	if (!g_file_test(path, G_FILE_TEST_EXISTS))
		return g_steal_pointer(&lines);
	if (!g_file_get_contents(path, &text, NULL, NULL)) {
		err_set(error, TP_ERROR_IO, "cannot read '%s'", path);
		return NULL;
	}
	parts = g_strsplit(text, "\n", -1);
	for (int i = 0; parts[i] != NULL; i++) {
		PrivacyLogLine *line = *parts[i] != '\0' ? parse_line(parts[i]) : NULL;

		if (line != NULL)
			g_ptr_array_add(lines, line);
		else if (*parts[i] != '\0' && parts[i + 1] != NULL) {
			err_set(error, TP_ERROR_INVALID,
			    "%s:%d: not a line of an erasure log", path, i + 1);
			return NULL;
		}
	}
	return g_steal_pointer(&lines);
}
