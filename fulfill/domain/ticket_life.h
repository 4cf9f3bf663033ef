/*
 * ticket_life.h - a licence in use: collected, moved, lost and restored (C7).
 *
 * The states and moves are those of ticket_state.def.  Moving and restoring keep the last
 * day: nothing here looks at it but collecting, which is refused after it (R7.4).
 *
 * Who may: the holder's users, when they see the ticket (ticket_view.h); those above the
 * holder with "modify" for the product; the operator (actor 0).  Receipts come from the
 * licence backend, or from whoever may act.
 */
#pragma once

#include "queue/db.h"

typedef enum TicketState {
#define STATE(id, name, sentence) TICKET_##id,
#define MOVE(event, from, to)
#include "fulfill/domain/ticket_state.def"
#undef STATE
#undef MOVE
	TICKET_N_STATES
} TicketState;

typedef enum TicketEvent {
	TICKET_ACTIVATE, /* collected on a device */
	TICKET_CONFIRM,  /* the receipt of what was done last */
	TICKET_RETURN,   /* taken from the device */
	TICKET_RESTORE,  /* the device is lost */
	TICKET_RECALL,   /* see ticket_recall() */
	TICKET_N_EVENTS
} TicketEvent;

const char *ticket_state_name(TicketState state);
const char *ticket_state_sentence(TicketState state);
bool ticket_state_from_name(const char *name, TicketState *ret, GError **error) MUST_USE;
const char *ticket_event_name(TicketEvent event);

/* Where an event leads; false: it is not possible in this state. */
bool ticket_move(TicketEvent event, TicketState from, TicketState *ret);

typedef struct LifePolicy {
	GTimeZone *zone;
	int restores;       /* so many replacements without approval ... */
	int64_t restore_us; /* ... in any time of this length */
} LifePolicy;

typedef struct LifeAct {
	int64_t actor; /* a user; 0: the operator */
	int64_t ticket_id;
	TicketEvent event;  /* not RECALL */
	const char *device; /* ACTIVATE: what the user calls it; or NULL */
	const char *reason; /* RESTORE; or NULL */
	bool approve;       /* RESTORE: by one who may approve */
} LifeAct;

/*
 * 1: done; *ret_state is the new state.  0: a further restore of this ticket waits for
 * approval; the ticket stays as it is.  -1: CONFLICT when its state does not permit it or
 * its last day is over, DENIED, NOT_FOUND.
 */
int ticket_act(DbTx *tx, const LifePolicy *policy, const LifeAct *act,
    TicketState *ret_state, GError **error) MUST_USE;

/* Restores that wait for approval, the oldest first. */
bool ticket_restores_waiting(Db *db,
    void (*fn)(void *user, int64_t ticket_id, int64_t at, const char *reason), void *user,
    GError **error) MUST_USE;
