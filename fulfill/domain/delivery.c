/*
 * delivery.c - the setter of delivery states.
 */
#include "fulfill/domain/delivery.h"

#include "queue/clock.h"

static const struct {
	const char *name;
	const char *sentence;
} states[] = {
#define STATE(id, name, sentence) { name, sentence },
#define MOVE(event, from, to)
#include "fulfill/domain/delivery_state.def"
#undef STATE
#undef MOVE
};

static const struct {
	DeliveryEvent event;
	DeliveryState from;
	DeliveryState to;
} moves[] = {
#define STATE(id, name, sentence)
#define MOVE(event, from, to) { DELIVERY_##event, DELIVERY_##from, DELIVERY_##to },
#include "fulfill/domain/delivery_state.def"
#undef STATE
#undef MOVE
};

static const Stmt ADD = {
	.name = "delivery.add",
	.sql =
	    "INSERT INTO delivery (ticket_id, channel, recipient, purpose, state, reason,"
	    " mail_id, piece_id, created_at, changed_at)"
	    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)",
};

/* $3 lists the states from which the move is legal: ",ready,doubt,". */
#define MOVE_SET                                                                         \
	"UPDATE delivery SET state = $2, reason = $4, changed_at = $5"                   \
	" WHERE $3 LIKE '%,' || state || ',%' AND "

static const Stmt MOVE_BY[] = {
	[DELIVERY_OF_MAIL] = { .name = "delivery.move_mail",
	    .sql = MOVE_SET "mail_id = $1" },
	[DELIVERY_OF_PIECE] = { .name = "delivery.move_piece",
	    .sql = MOVE_SET "piece_id = $1" },
	[DELIVERY_OF_BATCH] = { .name = "delivery.move_batch",
	    .sql =
		MOVE_SET "piece_id IN (SELECT id FROM print_piece WHERE batch_id = $1)" },
	[DELIVERY_OF_TICKET] = { .name = "delivery.move_ticket",
	    .sql = MOVE_SET "ticket_id = $1" },
	[DELIVERY_OF_ID] = { .name = "delivery.move_id", .sql = MOVE_SET "id = $1" },
};
static const Stmt FOLLOW_DOUBT = {
	.name = "delivery.follow_doubt",
	.sql = "UPDATE delivery SET state = 'doubt', changed_at = $1,"
	       " reason = 'the worker vanished while it was being sent'"
	       " WHERE state = 'inflight' AND mail_id IN"
	       " (SELECT ref FROM job WHERE kind = 'mail' AND state = 'doubt')",
};

const char *
delivery_state_name(DeliveryState state)
{
	return states[state].name;
}

const char *
delivery_state_sentence(DeliveryState state)
{
	return states[state].sentence;
}

bool
delivery_add(DbTx *tx, const DeliveryPlan *plan, GError **error)
{
	return db_exec(tx->db, &ADD,
	    DB_ARGS(v_int(plan->ticket_id), v_text(plan->channel),
		v_text(plan->recipient), v_text(plan->purpose),
		v_text(states[plan->state].name), v_text(plan->reason),
		v_id(plan->mail_id), v_id(plan->piece_id), v_int(clock_now_at())),
	    NULL, error);
}

/* An event leads to one state from every state it starts at. */
static DeliveryState
legal(DeliveryEvent event, char from[256])
{
	DeliveryState to = DELIVERY_N_STATES;
	gsize n = g_strlcpy(from, ",", 256);

	for (size_t i = 0; i < G_N_ELEMENTS(moves); i++) {
		if (moves[i].event != event)
			continue;
		to = moves[i].to;
		n = g_strlcat(from, states[moves[i].from].name, 256);
		n = g_strlcat(from, ",", 256);
	}
	if (to == DELIVERY_N_STATES || n >= 256)
		BUG("delivery event %d", event);
	return to;
}

bool
delivery_move(DbTx *tx, DeliveryOf of, int64_t id, DeliveryEvent event,
    const char *reason, int64_t *ret_n, GError **error)
{
	char from[256];
	DeliveryState to = legal(event, from);

	return db_exec(tx->db, &MOVE_BY[of],
	    DB_ARGS(v_int(id), v_text(states[to].name), v_text(from), v_text(reason),
		v_int(clock_now_at())),
	    ret_n, error);
}

bool
delivery_follow_doubt(DbTx *tx, GError **error)
{
	return db_exec(
	    tx->db, &FOLLOW_DOUBT, DB_ARGS(v_int(clock_now_at())), NULL, error);
}
