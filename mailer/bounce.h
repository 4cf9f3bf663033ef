/*
 * bounce.h - what became of a mail that we sent, told by the mail that came back.
 *
 * Three kinds of messenger: reports by the book (dsn.h), complaints of mailbox providers
 * (ARF, RFC 5965), and free text in the fashion of each server.  What they say is judged
 * by the tables of bounce_rules.def: words before codes, because servers send 5.1.1 for a
 * rate limit and 5.1.0 for a refused sender, and the truth only in the text.
 *
 *   class      what it means for the delivery
 *   hard       the address will never take it
 *   full       the mailbox has no room: later perhaps, another channel surely
 *   soft       a fault that may pass; with action `failed` the server has given up on it
 *   policy     refused because of who we are or what it looks like
 *   complaint  the recipient called it spam
 *   none       nothing is wrong: delivered, relayed, expanded
 *
 * A returned mail carries the ticket.  What leaves here is lines about recipients;
 * anything in them that has the form of a code is masked, and nothing else of the
 * returned mail is kept but its Message-ID and return path.
 *
 * Nobody has to be who a bounce says they are.  It counts as ours only if one of
 * `return_paths` passes msgid_return_path_verify(); that needs a key, so it is done
 * outside the parser child.
 */
#pragma once

#include <jansson.h>

#include "mailer/dsn.h"
#include "mailer/parse.h"

typedef enum BounceClass {
	BOUNCE_NONE,
	BOUNCE_HARD,
	BOUNCE_SOFT,
	BOUNCE_FULL,
	BOUNCE_POLICY,
	BOUNCE_COMPLAINT,
} BounceClass;

const char *bounce_class_name(BounceClass class);
bool bounce_class_from_name(const char *name, BounceClass *ret);

typedef struct BounceRow {
	char *recipient;  /* as we wrote it, where the report says so; NULL: it does not
			     say */
	DsnAction action; /* DSN_DELIVERED for complaints: they came after delivery */
	EnhancedCode status; /* class 0: none was given */
	BounceClass class;
	bool holds_domain; /* the provider refuses us as a sender: hold its mail, tell the
			      operator */
	const char *rule;  /* name of the rule that decided; static */
	char *
	    reason; /* one line of UTF-8, at most LIMIT_BOUNCE_REASON_BYTES; never NULL */
} BounceRow;

typedef struct Bounce {
	const char *shape; /* "dsn", "arf", or a SHAPE of bounce_shapes.def; static */
	BounceRow *rows;
	size_t n_rows;             /* at least 1 */
	char *original_message_id; /* without < >, or NULL */
	char *envelope_id;         /* of a DSN, or NULL; anybody can write one */
	char **return_paths; /* addresses that may hold our token, likeliest first; NULL
				ends */
} Bounce;

/*
 * What `mail` says about mail of ours.  `domain` is the one of our return paths.
 *
 * 1: *ret is the caller's.  0: it is not a bounce.  -1: INVALID, it says that it is a
 * report, and nothing in it can be read: for a person.
 */
int bounce_read(
    const ParsedMail *mail, const char *domain, Bounce **ret, GError **error) MUST_USE;
void bounce_free(Bounce *bounce);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Bounce, bounce_free)

/* Judges one refusal: `text` (may be NULL) first, then the codes.  Also for the replies
 * of a relay.  *ret_holds_domain and the returned rule name may be NULL-ed out by the
 * caller. */
BounceClass bounce_classify(
    const char *text, EnhancedCode status, bool *ret_holds_domain, const char **ret_rule);

/* "*****-*****-*****-*****-ABCDE": `text` with everything masked that has the form of a
 * ticket code. */
char *bounce_mask_codes(const char *text);

/*
 * The record that leaves the parser child: {"shape", "original_message_id",
 * "envelope_id", "return_paths": [...], "rows":
 * [{"recipient","action","status","class","reason", "holds_domain","rule"}]}.
 */
json_t *bounce_to_json(const Bounce *bounce) MUST_USE;

/*
 * The rows of such a record as `ticketpost debug bounce` prints them:
 * [{recipient,action,status,class,reason,original_message_id,token_ok}].  NULL: `record`
 * has not that form.
 */
json_t *bounce_rows_to_json(const json_t *record, bool token_ok) MUST_USE;
