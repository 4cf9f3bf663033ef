/*
 * piece_letter.c - sender, address, cards, items; then print/letter.h.
 */
#include "fulfill/work/piece_letter.h"

#include <string.h>

#include "fulfill/issue/code.h"
#include "fulfill/work/print_place.h"
#include "print/words.h"
#include "queue/clock.h"

/* What one letter points into. */
typedef struct Envelope {
	PieceCard *cards;
	int n;
	AddressBlock to;
	char **address; /* of the sender */
	char mask[CODE_MASK_SIZE];
	CardData *data;
	LetterItem *items;
	char **masked;
	char *day;
	char *mark;
	char *url;
	char *privacy;
	LetterSender sender;
} Envelope;

static void
envelope_clear(Envelope *env)
{
	for (int i = 0; i < env->n; i++)
		piece_card_clear(&env->cards[i]);
	address_block_clear(&env->to);
	g_strfreev(env->address);
	g_strfreev(env->masked);
	g_free(env->cards);
	g_free(env->data);
	g_free(env->items);
	g_free(env->day);
	g_free(env->mark);
	g_free(env->url);
	g_free(env->privacy);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Envelope, envelope_clear)

/* "Kaiserallee 153; 76133 Karlsruhe" */
static char **
sender_lines(const Settings *settings)
{
	const char *text = settings_text(settings, SET_ADDRESS);
	char **lines = text != NULL ? g_strsplit(text, ";", 5) : NULL;

	for (int i = 0; lines != NULL && lines[i] != NULL; i++)
		g_strstrip(lines[i]);
	return lines;
}

bool
piece_letter_check(const Settings *settings, GError **error)
{
	return settings_text(settings, SET_ADDRESS) != NULL ||
	       err_set(error, TP_ERROR_CONFIG,
		   "letters need the sender: set [gateway] address=STREET; TOWN");
}

char *
piece_sender_line(const Settings *settings)
{
	g_auto(GStrv) lines = sender_lines(settings);
	g_autofree char *address = lines != NULL ? g_strjoinv(" \xC2\xB7 ", lines) : NULL;

	return address != NULL ? g_strconcat(settings_text(settings, SET_NAME),
				     " \xC2\xB7 ", address, NULL)
			       : NULL;
}

/* The address of the reseller whose brand it goes out under, without its name.  NULL: it
 * has none that a carrier could find, and what comes back comes to the vendor. */
static char **
brand_lines(Work *work, const json_t *facts, const char *brand)
{
	const json_t *from = json_object_get(json_object_get(facts, "sender"), "address");
	g_auto(AddressBlock) block = { 0 };
	char **lines;
	int n = 0;

	if (from == NULL || brand == NULL ||
	    !piece_address_of(work, from, NULL, brand, &block, NULL))
		return NULL;
	lines = g_new0(char *, (gsize)block.n + 1);
	for (int i = 0; i < block.n; i++)
		if (strcmp(block.fields[i], "name") != 0)
			lines[n++] = g_strdup(block.lines[i]);
	return lines;
}

/* The reseller whose brand it goes out under, or the vendor. */
static void
fill_sender(Work *work, Envelope *env)
{
	const json_t *facts = env->cards[0].facts;
	const char *brand = facts_text(facts, "brand", "name");

	env->address = brand_lines(work, facts, brand);
	if (env->address == NULL)
		env->address = sender_lines(work->settings);
	env->sender = (LetterSender){
		.name = brand != NULL ? brand : settings_text(work->settings, SET_NAME),
		.logo = env->cards[0].card.logo,
		.address = (const char *const *)env->address,
		.email = facts_text(facts, "brand", "email"),
		.web = facts_text(facts, "brand", "url"),
	};
}

static bool
open_cards(Work *work, Envelope *env, PrintPiece *const *pieces, int n, GError **error)
{
	env->cards = g_new0(PieceCard, (gsize)n);
	env->data = g_new0(CardData, (gsize)n);
	env->items = g_new0(LetterItem, (gsize)n);
	env->masked = g_new0(char *, (gsize)n + 1);
	for (int i = 0; i < n; i++) {
		PieceCard *card = &env->cards[i];

		env->n = i + 1;
		if (!piece_card_open(work, pieces[i], card, error))
			return false;
		env->masked[i] = g_strdup(code_mask_tail(pieces[i]->tail, env->mask));
		env->data[i] = card->card;
		env->items[i] = (LetterItem){
			.product = card->card.product,
			.masked = env->masked[i],
			.serial = card->serial,
			.valid = card->card.valid,
		};
	}
	return true;
}

/* The address people type, without the code. */
static char *
bare_url(const Settings *settings)
{
	const char *url = settings_text(settings, SET_ACTIVATION_URL);
	size_t n = strcspn(url, "#?{");

	return g_strndup(url, n);
}

/* The notice that is told with this letter (privacy_notice.h); NULL: it was told before.
 */
static char *
privacy_text(const json_t *facts, const char *language, const char *email)
{
	const char *version = facts_text(facts, "privacy", "version");
	const char *purpose = facts_text(facts, "privacy", "purpose");
	const char *url = facts_text(facts, "privacy", "url");

	if (version == NULL)
		return NULL;
	return g_strdup_printf(word(language, WORD_PRIVACY),
	    purpose != NULL ? purpose : word(language, WORD_PRIVACY_PURPOSE),
	    email != NULL ? word(language, WORD_PRIVACY_AT) : "",
	    email != NULL ? email : "", version, url != NULL ? ": " : "",
	    url != NULL ? url : "");
}

bool
piece_letter_draw(Work *work, const PrintBatch *batch, LetterKind kind,
    PrintPiece *const *pieces, int n, Pen *pen, int *ret_pages, GError **error)
{
	g_auto(Envelope) env = { .n = 0 };
	g_autoptr(GDateTime) closed =
	    g_date_time_new_from_unix_utc(batch->closed_at / US_PER_S);
	g_autoptr(GDateTime) local = g_date_time_to_timezone(closed, work->zone);
	char label[SERIAL_SIZE];
	const json_t *facts;
	Letter letter;

	if (!open_cards(work, &env, pieces, n, error))
		return false;
	facts = env.cards[0].facts;
	if (!piece_address(work, facts, &env.to, error))
		return false;
	fill_sender(work, &env);
	env.day = g_date_time_format(local, "%Y-%m-%d");
	env.url = bare_url(work->settings);
	env.privacy = privacy_text(facts, env.data[0].language,
	    env.sender.email != NULL ? env.sender.email
				     : settings_text(work->settings, SET_SUPPORT));
	serial_format(SERIAL_LABEL, pieces[0]->envelope, label);
	env.mark = pieces[0]->reprint > 0
		       ? g_strdup_printf("%s B-%" G_GINT64_FORMAT " Reprint %d", label,
			     batch->id, pieces[0]->reprint)
		       : g_strdup_printf("%s B-%" G_GINT64_FORMAT, label, batch->id);
	letter = (Letter){
		.kind = kind,
		.form = settings_text(work->settings, SET_PRINT_FORM),
		.language = env.data[0].language,
		.sender = &env.sender,
		.to = &env.to,
		.greeting = facts_text(facts, "recipient", "name"),
		.date = env.day,
		.order = facts_text(facts, "order", "number"),
		.reference = facts_text(facts, "order", "reference"),
		.activate_at = env.url,
		.privacy = env.privacy,
		.cards = env.data,
		.n_cards = n,
		.items = env.items,
		.n_items = n,
		.mark = env.mark,
	};
	print_calibration(
	    work->settings, &letter.shift_x_mm, &letter.shift_y_mm, &letter.scale);
	return letter_draw(pen, &letter, ret_pages, error);
}
