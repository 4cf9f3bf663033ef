/*
 * delivery.h - one ticket on its way to one recipient by one channel, for one purpose.
 *
 * That tuple is the key, never the bare address: seven tickets to one address are seven
 * deliveries.  At most one of a key is live.  Mails and printed pieces carry deliveries:
 * a mail to a reseller carries many.
 */
#pragma once

#include "queue/db.h"

typedef enum DeliveryState {
#define STATE(id, name, sentence) DELIVERY_##id,
#define MOVE(event, from, to)
#include "fulfill/domain/delivery_state.def"
#undef STATE
#undef MOVE
	DELIVERY_N_STATES
} DeliveryState;

/* What can happen to a delivery; from where it leads where stands in the .def. */
typedef enum DeliveryEvent {
	DELIVERY_START,
	DELIVERY_SUCCEED,
	DELIVERY_PUT_OFF,
	DELIVERY_LOSE,
	DELIVERY_GIVE_UP,
	DELIVERY_HOLD,
	DELIVERY_RELEASE,
	DELIVERY_REVIVE,
	DELIVERY_ABORT,
	DELIVERY_BOUNCE,
	DELIVERY_RENDER,
	DELIVERY_PRINT,
	DELIVERY_PACK,
	DELIVERY_SHIP,
	DELIVERY_RETURN,
	DELIVERY_SPOIL,
	DELIVERY_N_EVENTS
} DeliveryEvent;

const char *delivery_state_name(DeliveryState state);
const char *delivery_state_sentence(DeliveryState state);

typedef struct DeliveryPlan {
	int64_t ticket_id;
	const char *channel;   /* email, post, portal */
	const char *recipient; /* address, or "party/17" */
	const char *purpose;   /* "first", "resend/2" */
	DeliveryState state;
	const char *reason; /* of held; or NULL */
	int64_t mail_id;    /* 0: none */
	int64_t piece_id;   /* 0: none */
} DeliveryPlan;

/* CONFLICT when a live delivery of this key exists. */
bool delivery_add(DbTx *tx, const DeliveryPlan *plan, GError **error) MUST_USE;

/* Moves all deliveries of a mail, a piece, a batch or a ticket that are in a state from
 * which `event` leads on; the others stay.  `reason` replaces the old one.  `ret_n` may
 * be NULL. */
typedef enum DeliveryOf {
	DELIVERY_OF_MAIL,
	DELIVERY_OF_PIECE,
	DELIVERY_OF_BATCH,
	DELIVERY_OF_TICKET,
	DELIVERY_OF_ID
} DeliveryOf;
bool delivery_move(DbTx *tx, DeliveryOf of, int64_t id, DeliveryEvent event,
    const char *reason, int64_t *ret_n, GError **error) MUST_USE;

/* Mails whose worker vanished while sending: their deliveries say so. */
bool delivery_follow_doubt(DbTx *tx, GError **error) MUST_USE;
