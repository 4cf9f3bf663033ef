/*
 * mime.h - a message becomes bytes, once.
 *
 *   multipart/mixed
 *     multipart/alternative
 *       text/plain; format=flowed          quoted-printable
 *       multipart/related
 *         text/html                        quoted-printable
 *         image/png ...                    base64, Content-ID
 *     application/pdf, text/csv ...        base64
 *     message/rfc822 ...                   7bit, as it is
 *
 * A level that would hold one part only is left out.  `related` stands inside
 * `alternative`, so that a program that shows the text does not list the picture as a
 * file.
 *
 * The result is what goes on the wire: CRLF only, 7-bit (but for a header field with an
 * RFC 6531 address), no line above 998 bytes, quoted-printable lines of at most 76, no
 * line that begins with a dot or with "From ".  Dot-stuffing therefore never has to
 * change it. Letters and digits are never encoded: a licence code can be read in the raw
 * message.
 */
#pragma once

#include "mailer/mail.h"

/*
 * The bytes of `mail`.  INVALID when an address, a Message-ID, a type or a language is
 * not one, when the text is missing, when pictures have no HTML, when a message/rfc822
 * part has lines above 998 bytes or bare CR or LF, or when the whole is above
 * LIMIT_MAIL_BYTES.
 */
GBytes *mime_compose(const Mail *mail, GError **error) MUST_USE;
