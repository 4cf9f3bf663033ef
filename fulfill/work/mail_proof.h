/*
 * mail_proof.h - whose mail is this, really? (threats.md 6.5)
 *
 *   person     an operator released it
 *   dmarc dkim our own border server says so: mailer/authres.h, and the From address is a
 *              user's
 *   minisign   every document in it is signed with the key of one user
 *   address    it was sent to an address that only one user was told
 *
 * The header is read here once more, alone and by this process: what the child of
 * mail_reader.h says about a stranger's mail is as good as the stranger.
 */
#pragma once

#include <jansson.h>

#include "fulfill/domain/mail_in.h"
#include "fulfill/domain/mail_sender.h"
#include "fulfill/work/work.h"

typedef struct MailProof {
	const char *method; /* NULL: not proved; static */
	/* How it is known that `sender` wrote it, be it a user's address or not: dmarc,
	 * dkim or person; NULL: it is not.  Static. */
	const char *vouched;
	char *sender; /* the From address as addr_normal() spells it, or NULL */
	char *why;    /* why not: a sentence for an operator */
	GPtrArray
	    *users; /* of MailSender: the users it may be; never empty when proved */
} MailProof;

void mail_proof_clear(MailProof *proof);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(MailProof, mail_proof_clear)

bool mail_proof_find(Work *work, const MailIn *mail, GBytes *raw, const json_t *record,
    MailProof *ret, GError **error) MUST_USE;

/* The address that only this user is told; the caller's.  CONFIG when settings lack
 * intake.address. */
char *mail_proof_address(Work *work, int64_t user_id, GError **error) MUST_USE;
