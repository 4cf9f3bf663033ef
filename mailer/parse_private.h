/*
 * parse_private.h - what the files of the reader share; nobody else includes it.
 */
#pragma once

#include "mailer/parse.h"

/* Refuses structured fields whose comments are nested deeper than
 * LIMIT_INTAKE_COMMENT_DEPTH. */
bool parse_check_comments(const ParsedHeaders *headers, GError **error) MUST_USE;

/* The end of the line that starts at `at`: its '\n', or `end`.  *ret_text_end is where
 * its text ends, without CR. */
const uint8_t *parse_line_end(
    const uint8_t *at, const uint8_t *end, const uint8_t **ret_text_end);

/* Fills what is derived of the parts: is_attachment, text, TNEF and encryption flaws. */
void parse_body(ParsedMail *mail);

/* Raw header bytes as one line for people: decode_words(), blanks at the ends gone. */
char *parse_words(const char *raw);
