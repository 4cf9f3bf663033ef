/*
 * ticket_life.c - moves of a ticket, each with what it does to the copies.
 */
#include "fulfill/domain/ticket_life.h"

#include <string.h>

#include "fulfill/domain/audit.h"
#include "fulfill/domain/ticket_view.h"
#include "queue/clock.h"
#include "queue/day.h"
#include "queue/fault.h"

/* clang-format off */
static const char *const names[] = {
#define STATE(id, name, sentence) [TICKET_##id] = name,
#define MOVE(event, from, to)
#include "fulfill/domain/ticket_state.def"
#undef STATE
#undef MOVE
};
static const char *const sentences[] = {
#define STATE(id, name, sentence) [TICKET_##id] = sentence,
#define MOVE(event, from, to)
#include "fulfill/domain/ticket_state.def"
#undef STATE
#undef MOVE
};
static const struct {
	TicketEvent event;
	TicketState from;
	TicketState to;
} moves[] = {
#define STATE(id, name, sentence)
#define MOVE(event, from, to) { TICKET_##event, TICKET_##from, TICKET_##to },
#include "fulfill/domain/ticket_state.def"
#undef STATE
#undef MOVE
};
static const char *const event_names[] = {
	[TICKET_ACTIVATE] = "activate", [TICKET_CONFIRM] = "confirm", [TICKET_RETURN] = "return",
	[TICKET_RESTORE] = "restore", [TICKET_RECALL] = "recall",
};
/* clang-format on */

static const Stmt STATE_OF = {
	.name = "ticket.life_state",
	.sql = "SELECT t.state, l.last_day FROM ticket t JOIN licence l"
	       " ON l.id = t.licence_id WHERE t.id = $1",
};
static const Stmt MOVE_STATE = {
	.name = "ticket.move",
	.sql =
	    "UPDATE ticket SET state = $3, changed_at = $4 WHERE id = $1 AND state = $2",
};
static const Stmt COPY_ADD = {
	.name = "activation.add",
	.sql = "INSERT INTO activation (ticket_id, user_id, device, state, collected_at)"
	       " VALUES ($1, $2, $3, 'live', $4)",
};
static const Stmt COPY_CONFIRM = {
	.name = "activation.confirm",
	.sql = "UPDATE activation SET confirmed_at = $2 WHERE ticket_id = $1"
	       " AND state = 'live'",
};
static const Stmt COPY_END = {
	.name = "activation.end",
	.sql = "UPDATE activation SET state = $2, ended_at = $3 WHERE ticket_id = $1"
	       " AND state = 'live'",
};
static const Stmt RESTORES = {
	.name = "restore.count",
	.sql = "SELECT count(*) FROM restore WHERE ticket_id = $1 AND state = 'done'"
	       " AND done_at > $2",
};
static const Stmt RESTORE_ADD = {
	.name = "restore.add",
	.sql = "INSERT INTO restore (ticket_id, user_id, approved_by, reason, state, at,"
	       " done_at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
};
static const Stmt RESTORE_ASK = {
	.name = "restore.ask",
	.sql = "INSERT INTO restore (ticket_id, user_id, reason, state, at)"
	       " SELECT $1, CAST($2 AS BIGINT), CAST($3 AS TEXT), 'waiting',"
	       " CAST($4 AS BIGINT) WHERE NOT EXISTS (SELECT 1 FROM restore"
	       " WHERE ticket_id = $1 AND state = 'waiting')",
};
static const Stmt RESTORE_APPROVE = {
	.name = "restore.approve",
	.sql = "UPDATE restore SET state = 'done', approved_by = $2, done_at = $3"
	       " WHERE ticket_id = $1 AND state = 'waiting'",
};
static const Stmt WAITING = {
	.name = "restore.waiting",
	.sql = "SELECT ticket_id, at, reason FROM restore WHERE state = 'waiting'"
	       " ORDER BY at, id /* scan: few wait */",
};

const char *
ticket_state_name(TicketState state)
{
	return names[state];
}

const char *
ticket_state_sentence(TicketState state)
{
	return sentences[state];
}

const char *
ticket_event_name(TicketEvent event)
{
	return event_names[event];
}

bool
ticket_state_from_name(const char *name, TicketState *ret, GError **error)
{
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		if (strcmp(name, names[i]) == 0) {
			*ret = (TicketState)i;
			return true;
		}
	}
	return err_set(error, TP_ERROR_INVALID, "'%s' is not a state of a ticket", name);
}

bool
ticket_move(TicketEvent event, TicketState from, TicketState *ret)
{
	for (size_t i = 0; i < G_N_ELEMENTS(moves); i++) {
		if (moves[i].event == event && moves[i].from == from) {
			*ret = moves[i].to;
			return true;
		}
	}
	return false;
}

/* The state now, and whether its last day is over. */
static bool
load_state(Db *db, const LifePolicy *policy, int64_t id, TicketState *ret, bool *ret_over,
    GError **error)
{
	g_autoptr(DbRows) rows = db_query(db, &STATE_OF, DB_ARGS(v_int(id)), error);
	Day last = DAY_MAX;
	int more;

	if (rows == NULL)
		return false;
	more = db_next(rows, error);
	if (more == 0)
		return err_set(error, TP_ERROR_NOT_FOUND,
		    "there is no ticket %" G_GINT64_FORMAT, id);
	if (more < 0 || !ticket_state_from_name(db_col_text(rows, 0), ret, error) ||
	    (db_col_text(rows, 1) != NULL &&
		!day_parse(db_col_text(rows, 1), &last, error)))
		return false;
	*ret_over = day_cmp(last, day_today(policy->zone)) < 0;
	return true;
}

/* What a move means for the copy that is in use. */
static bool
move_copy(DbTx *tx, const LifeAct *act, TicketState from, TicketState to, GError **error)
{
	DbValue ticket = v_int(act->ticket_id);
	DbValue now = v_int(clock_now_at());

	if (act->event == TICKET_ACTIVATE)
		return db_exec(tx->db, &COPY_ADD,
		    DB_ARGS(ticket, v_id(act->actor), v_text(act->device), now), NULL,
		    error);
	if (act->event == TICKET_CONFIRM && from == TICKET_COLLECTED)
		return db_exec(tx->db, &COPY_CONFIRM, DB_ARGS(ticket, now), NULL, error);
	if (to == TICKET_CONFIRMED_RETURNED || to == TICKET_RECALLED ||
	    to == TICKET_LOST_RESTORED)
		return db_exec(tx->db, &COPY_END,
		    DB_ARGS(ticket,
			v_text(to == TICKET_LOST_RESTORED ? "lost"
			       : to == TICKET_RECALLED    ? "removed"
							  : "returned"),
			now),
		    NULL, error);
	return true;
}

/* 1: it may happen, and is recorded.  0: it waits. */
static int
allow_restore(DbTx *tx, const LifePolicy *policy, const LifeAct *act, GError **error)
{
	int64_t now = clock_now_at();
	int64_t before;
	int64_t changed;

	if (act->approve) {
		if (!db_exec(tx->db, &RESTORE_APPROVE,
			DB_ARGS(v_int(act->ticket_id), v_id(act->actor), v_int(now)),
			&changed, error))
			return -1;
		if (changed > 0)
			return 1;
	}
	if (db_find_int(tx->db, &RESTORES,
		DB_ARGS(v_int(act->ticket_id), v_int(now - policy->restore_us)), &before,
		error) != 1)
		return -1;
	if (before < policy->restores || act->approve)
		return db_exec(tx->db, &RESTORE_ADD,
			   DB_ARGS(v_int(act->ticket_id), v_id(act->actor),
			       v_id(act->approve ? act->actor : 0), v_text(act->reason),
			       v_text("done"), v_int(now), v_int(now)),
			   NULL, error)
			   ? 1
			   : -1;
	return db_exec(tx->db, &RESTORE_ASK,
		   DB_ARGS(v_int(act->ticket_id), v_id(act->actor), v_text(act->reason),
		       v_int(now)),
		   NULL, error)
		   ? 0
		   : -1;
}

static int
not_possible(const LifeAct *act, TicketState from, GError **error)
{
	return err_set_int(error, TP_ERROR_CONFLICT,
	    "cannot %s ticket %" G_GINT64_FORMAT ": it is %s (%s)",
	    ticket_event_name(act->event), act->ticket_id, ticket_state_name(from),
	    ticket_state_sentence(from));
}

int
ticket_act(DbTx *tx, const LifePolicy *policy, const LifeAct *act, TicketState *ret_state,
    GError **error)
{
	TicketState from = TICKET_ISSUED;
	TicketState to = TICKET_ISSUED;
	bool over = false;
	int64_t changed;
	int may = 1;

	if (!ticket_may_act(tx->db, act->actor, act->ticket_id,
		act->approve ? TICKET_AS_REVIEWER : TICKET_AS_USER, error) ||
	    !load_state(tx->db, policy, act->ticket_id, &from, &over, error))
		return -1;
	if (act->event == TICKET_RECALL || !ticket_move(act->event, from, &to))
		return not_possible(act, from, error);
	if (over && (act->event == TICKET_ACTIVATE || act->event == TICKET_RESTORE))
		return err_set_int(error, TP_ERROR_CONFLICT,
		    "cannot %s ticket %" G_GINT64_FORMAT ": its last day is over",
		    ticket_event_name(act->event), act->ticket_id);
	if (act->event == TICKET_RESTORE) {
		may = allow_restore(tx, policy, act, error);
		if (may <= 0)
			return may;
	}
	if (!db_exec(tx->db, &MOVE_STATE,
		DB_ARGS(v_int(act->ticket_id), v_text(names[from]), v_text(names[to]),
		    v_int(clock_now_at())),
		&changed, error))
		return -1;
	if (changed == 0)
		return not_possible(act, from, error);
	FAULT("ticket.moved");
	*ret_state = to;
	return move_copy(tx, act, from, to, error) &&
		       audit_add(
			   tx, AUDIT_STATE, "ticket", act->ticket_id, names[to], error)
		   ? 1
		   : -1;
}

bool
ticket_restores_waiting(Db *db,
    void (*fn)(void *user, int64_t ticket_id, int64_t at, const char *reason), void *user,
    GError **error)
{
	g_autoptr(DbRows) rows = db_query(db, &WAITING, DB_NO_ARGS, error);
	int more;

	if (rows == NULL)
		return false;
	while ((more = db_next(rows, error)) == 1)
		fn(user, db_col_int(rows, 0), db_col_int(rows, 1), db_col_text(rows, 2));
	return more == 0;
}
