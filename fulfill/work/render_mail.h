/*
 * render_mail.h - a stored message becomes its final bytes.
 *
 * A pure function of the row, the texts, the fonts and the settings: the same row gives
 * the same bytes, today and after a crash.
 */
#pragma once

#include "fulfill/domain/mail_out.h"
#include "fulfill/work/work.h"

/* What it takes to render; one for each thread.  `work` must outlive it. */
typedef struct MailRenderer MailRenderer;
MailRenderer *mail_renderer_new(const Work *work);
void mail_renderer_free(MailRenderer *renderer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MailRenderer, mail_renderer_free)

/* A message ready to be handed over. */
typedef struct RenderedMail {
	GBytes *bytes;
	char *envelope_from; /* the return path that names this message */
	uint8_t hash[HASH_BYTES];
	bool encrypted; /* other bytes each time: what leaves must be kept */
} RenderedMail;

void rendered_mail_clear(RenderedMail *mail);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(RenderedMail, rendered_mail_clear)

/*
 * INVALID when a text or address cannot be used, NOT_FOUND when a code is not kept any
 * more: the message cannot be sent, now or later.
 */
bool mail_render(MailRenderer *renderer, const MailOut *mail, RenderedMail *ret,
    GError **error) MUST_USE;

/*
 * The same as it leaves: encrypted when there is a key (mail->key) and `mail.encrypt`
 * does not say no; what was made before (mail->made) as it is.  INVALID also when the
 * setting says that it must be encrypted and there is no key.
 */
bool mail_render_final(MailRenderer *renderer, const MailOut *mail, RenderedMail *ret,
    GError **error) MUST_USE;
