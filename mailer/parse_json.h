/*
 * parse_json.h - what was read of a message, as JSON.
 *
 * The record that leaves the parser child: strings of bounded length, no bytes of
 * content.
 *
 *   { "from": "ada@example.org", "to": ["..."], "subject": "...",
 *     "date": "2026-11-24T09:30:00Z", "message_id": "...",
 *     "attachments": [{"name","type","size","sha256"}], "parts": 4, ... }
 *
 * `from` is null when there is not exactly one From field with exactly one address: then
 * nobody can say who sent it.  `date` and `message_id` may be null.  `attachments` lists
 * those of nested mails too; `size` and `sha256` are of the decoded bytes.  Beyond that
 * there are `from_name`, `structure` (a row per part: type, depth, parent, size) and
 * `flaws` (names of ParseFlaw).
 */
#pragma once

#include <jansson.h>

#include "mailer/parse.h"

/* Never NULL.  The caller owns the reference. */
json_t *parse_to_json(const ParsedMail *mail) MUST_USE;

/* A string as JSON, cut to `max_bytes` at a character; NULL is null, and what is no UTF-8
 * is mended. */
json_t *parse_json_text(const char *text, size_t max_bytes) MUST_USE;
