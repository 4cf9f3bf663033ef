/*
 * doctor.c - a table of checks.
 */
#include "fulfill/work/doctor.h"

#include <string.h>

#include "fulfill/domain/mail_in.h"
#include "fulfill/work/imap_source.h"
#include "fulfill/work/mail_reader.h"
#include "mailer/dns.h"
#include "mailer/intake_maildir.h"

typedef struct Visit {
	Work *work;
	Dns *dns;
	char *from_domain;
	char *bounce_domain;
	const char *helo;
	const char *selector; /* or NULL */
	void (*fn)(void *user, const DoctorFinding *finding);
	void *user;
	const char *check; /* the row we are in */
} Visit;

static const char *const status_names[] = { "ok", "weak", "wrong", "unknown" };

const char *
doctor_status_name(DoctorStatus status)
{
	return status_names[status];
}

static void tell(Visit *v, const char *about, DoctorStatus status, const char *cure,
    const char *format, ...) PRINTF(5, 6);

static void
tell(Visit *v, const char *about, DoctorStatus status, const char *cure,
    const char *format, ...)
{
	g_autofree char *text = NULL;
	va_list args;

	va_start(args, format);
	text = g_strdup_vprintf(format, args);
	va_end(args);
	v->fn(v->user, &(DoctorFinding){ .check = v->check,
			   .about = about,
			   .status = status,
			   .text = text,
			   .cure = cure });
}

/* The records, or NULL: `*ret_told` says that there was nothing to see, and it was told.
 */
static GPtrArray *
look(Visit *v, DnsType type, const char *name, bool *ret_told)
{
	g_autoptr(GError) wrong = NULL;
	GPtrArray *found = NULL;

	*ret_told = false;
	if (dns_find(v->dns, type, name, &found, &wrong) < 0) {
		*ret_told = true;
		tell(v, name, DOCTOR_UNKNOWN, "ask again where names can be looked up",
		    "%s", wrong->message);
	}
	return found;
}

/* The only record that begins with `tag`; NULL: none or several, as *ret_n says. */
static const char *
only(const GPtrArray *texts, const char *tag, int *ret_n)
{
	const char *found = NULL;

	*ret_n = 0;
	for (guint i = 0; texts != NULL && i < texts->len; i++) {
		const char *text = g_ptr_array_index(texts, i);

		if (g_ascii_strncasecmp(text, tag, strlen(tag)) == 0) {
			found = text;
			(*ret_n)++;
		}
	}
	return *ret_n == 1 ? found : NULL;
}

/* The value of `key` in "a=b; c=d"; to be freed; NULL: absent. */
static char *
tag_value(const char *text, const char *key)
{
	g_auto(GStrv) tags = g_strsplit(text, ";", -1);

	for (char **tag = tags; *tag != NULL; tag++) {
		char *equals = strchr(*tag, '=');

		if (equals == NULL)
			continue;
		*equals = '\0';
		if (g_ascii_strcasecmp(g_strstrip(*tag), key) == 0)
			return g_strdup(g_strstrip(equals + 1));
	}
	return NULL;
}

static void
check_spf(Visit *v)
{
	const char *name = v->bounce_domain;
	bool told;
	g_autoptr(GPtrArray) texts = look(v, DNS_TXT, name, &told);
	int n;
	const char *spf = only(texts, "v=spf1", &n);

	if (told)
		return;
	if (n == 0)
		tell(v, name, DOCTOR_WRONG,
		    "add TXT \"v=spf1 ip4:ADDRESS-OF-YOUR-RELAY -all\"", "no SPF record");
	else if (n > 1)
		tell(v, name, DOCTOR_WRONG, "join them: receivers take none of several",
		    "%d SPF records", n);
	else if (g_str_has_suffix(spf, "+all") || strstr(spf, " all") != NULL)
		tell(v, name, DOCTOR_WRONG, "end it with -all or ~all",
		    "lets everybody send: %s", spf);
	else if (g_str_has_suffix(spf, "-all") || g_str_has_suffix(spf, "~all") ||
		 strstr(spf, "redirect=") != NULL)
		tell(v, name, DOCTOR_OK, NULL, "%s", spf);
	else
		tell(v, name, DOCTOR_WEAK, "end it with -all or ~all",
		    "says nothing about others: %s", spf);
}

static void
check_dkim(Visit *v)
{
	g_autofree char *name = NULL;
	g_autofree char *key = NULL;
	g_autoptr(GPtrArray) texts = NULL;
	const char *record;
	bool told;

	if (v->selector == NULL) {
		tell(v, v->from_domain, DOCTOR_UNKNOWN,
		    "set [mail] dkim_selector to the one your relay signs with",
		    "no selector is set");
		return;
	}
	name = g_strdup_printf("%s._domainkey.%s", v->selector, v->from_domain);
	texts = look(v, DNS_TXT, name, &told);
	if (told)
		return;
	record = texts != NULL ? g_ptr_array_index(texts, 0) : "";
	key = tag_value(record, "p");
	if (key == NULL)
		tell(v, name, DOCTOR_WRONG,
		    "publish the public key, and let the relay sign with its other half",
		    "no DKIM key");
	else if (*key == '\0')
		tell(v, name, DOCTOR_WRONG, "sign with a selector that is in use",
		    "the key is revoked (empty p=)");
	else
		tell(v, name, DOCTOR_OK, NULL, "a key of %zu characters", strlen(key));
}

static void
check_dmarc(Visit *v)
{
	g_autofree char *name = g_strconcat("_dmarc.", v->from_domain, NULL);
	bool told;
	g_autoptr(GPtrArray) texts = look(v, DNS_TXT, name, &told);
	int n;
	const char *record = only(texts, "v=DMARC1", &n);
	g_autofree char *policy = record != NULL ? tag_value(record, "p") : NULL;

	if (told)
		return;
	if (record == NULL || policy == NULL)
		tell(v, name, DOCTOR_WRONG,
		    "add TXT \"v=DMARC1; p=none; rua=mailto:...\" first, then quarantine "
		    "or "
		    "reject",
		    n > 1 ? "several DMARC records" : "no DMARC policy");
	else if (g_ascii_strcasecmp(policy, "none") == 0)
		tell(v, name, DOCTOR_WEAK,
		    "p=quarantine or p=reject, once reports are clean", "%s", record);
	else
		tell(v, name, DOCTOR_OK, NULL, "%s", record);
}

/* Bounces come home by it. */
static void
check_mx(Visit *v)
{
	const char *name = v->bounce_domain;
	bool told;
	g_autoptr(GPtrArray) texts = look(v, DNS_MX, name, &told);
	g_autoptr(GPtrArray) address = NULL;
	const char *host;

	if (told)
		return;
	if (texts == NULL) {
		tell(v, name, DOCTOR_WRONG,
		    "add an MX record: reports about lost mail go there", "no MX record");
		return;
	}
	host = strchr(g_ptr_array_index(texts, 0), ' ') + 1;
	if (*host == '.' || *host == '\0') {
		tell(v, name, DOCTOR_WRONG,
		    "it must take mail: reports about lost mail go there",
		    "the MX record says that it takes no mail");
		return;
	}
	address = look(v, DNS_A, host, &told);
	if (address == NULL && !told)
		address = look(v, DNS_AAAA, host, &told);
	if (told)
		return;
	if (address == NULL)
		tell(v, name, DOCTOR_WRONG, "give the host an address",
		    "MX '%s' has no address", host);
	else
		tell(v, name, DOCTOR_OK, NULL, "%s", (char *)g_ptr_array_index(texts, 0));
}

/* The name we greet with, its address, and the name of that address. */
static void
check_ptr(Visit *v)
{
	bool told;
	g_autoptr(GPtrArray) addresses = look(v, DNS_A, v->helo, &told);
	g_autoptr(GPtrArray) names = NULL;
	const char *address;

	if (told)
		return;
	if (addresses == NULL) {
		tell(v, v->helo, DOCTOR_WEAK,
		    "set [mail] helo to the name of the sending host, unless a relay "
		    "sends",
		    "has no IPv4 address");
		return;
	}
	address = g_ptr_array_index(addresses, 0);
	names = look(v, DNS_PTR, address, &told);
	if (told)
		return;
	if (names == NULL)
		tell(v, v->helo, DOCTOR_WRONG,
		    "ask who gave you the address for a PTR record, unless a relay sends",
		    "%s has no name", address);
	else if (g_ascii_strcasecmp(g_ptr_array_index(names, 0), v->helo) != 0)
		tell(v, v->helo, DOCTOR_WEAK, "let both be the same name",
		    "%s is called %s", address, (char *)g_ptr_array_index(names, 0));
	else
		tell(v, v->helo, DOCTOR_OK, NULL, "%s", address);
}

/* SPF counts for DMARC only when the return path is at the From domain or below it. */
static void
check_alignment(Visit *v)
{
	const char *from = v->from_domain;
	const char *bounce = v->bounce_domain;
	size_t more = strlen(bounce) > strlen(from) ? strlen(bounce) - strlen(from) : 0;

	if (g_ascii_strcasecmp(from, bounce) == 0 ||
	    (more > 1 && bounce[more - 1] == '.' &&
		g_ascii_strcasecmp(bounce + more, from) == 0))
		tell(v, from, DOCTOR_OK, NULL, "return paths are at %s", bounce);
	else
		tell(v, from, DOCTOR_WEAK,
		    "set [mail] bounce_domain to the domain of from, or one below it",
		    "return paths are at %s: SPF does not count for DMARC", bounce);
}

/* Where mail to us is fetched; nothing to say where none is. */
static void
check_maildir(Visit *v)
{
	const char *path = settings_text(v->work->settings, SET_INTAKE_MAILDIR);
	g_autoptr(GError) wrong = NULL;
	g_autoptr(Maildir) maildir = NULL;

	if (path == NULL)
		return;
	maildir = maildir_open(path, &wrong);
	if (maildir != NULL)
		tell(v, path, DOCTOR_OK, NULL, "can be read");
	else
		tell(v, path, DOCTOR_WRONG,
		    "let the mail server deliver there, and us read it", "%s",
		    wrong->message);
}

static void
check_imap(Visit *v)
{
	const char *url = settings_text(v->work->settings, SET_INTAKE_IMAP);
	g_autoptr(GError) wrong = NULL;

	if (url == NULL)
		return;
	if (imap_source_probe(v->work, &wrong))
		tell(v, url, DOCTOR_OK, NULL, "lets us in");
	else
		tell(v, url, DOCTOR_WRONG,
		    "see [imap] of the key file and intake.imap_ca_file", "%s",
		    wrong->message);
}

static void
count_mail(void *user, const MailIn *mail)
{
	(void)mail;
	(*(int *)user)++;
}

/* What waits for a person. */
static void
check_held(Visit *v)
{
	g_autoptr(GError) wrong = NULL;
	int n = 0;

	if (!mail_in_list(v->work->db, true, 0, count_mail, &n, &wrong))
		tell(v, "mail list --held", DOCTOR_UNKNOWN, NULL, "%s", wrong->message);
	else if (n > 0)
		tell(v, "mail list --held", DOCTOR_WEAK, "look at them, and mail release",
		    "%d mail%s wait%s for a person", n, n == 1 ? "" : "s",
		    n == 1 ? "s" : "");
	else
		tell(
		    v, "mail list --held", DOCTOR_OK, NULL, "nothing waits for a person");
}

static const struct {
	const char *name;
	void (*run)(Visit *v);
} checks[] = {
	{ "alignment", check_alignment },
	{ "spf", check_spf },
	{ "dkim", check_dkim },
	{ "dmarc", check_dmarc },
	{ "mx", check_mx },
	{ "ptr", check_ptr },
	{ "maildir", check_maildir },
	{ "imap", check_imap },
	{ "held", check_held },
};

bool
doctor_run(Work *work, const char *resolver,
    void (*fn)(void *user, const DoctorFinding *finding), void *user, GError **error)
{
	const char *from = settings_text(work->settings, SET_MAIL_FROM);
	const char *helo = settings_text(work->settings, SET_MAIL_HELO);
	const char *at = strrchr(from, '@');
	g_autofree char *from_domain = g_strdup(at != NULL ? at + 1 : from);
	g_autofree char *bounce_domain = mail_reader_domain(work->settings);
	g_autoptr(Dns) dns = dns_open(resolver, error);
	Visit v = { .work = work,
		.dns = dns,
		.from_domain = from_domain,
		.bounce_domain = bounce_domain,
		.helo = helo != NULL ? helo : bounce_domain,
		.selector = settings_text(work->settings, SET_MAIL_DKIM),
		.fn = fn,
		.user = user };

	if (dns == NULL)
		return false;
	for (size_t i = 0; i < G_N_ELEMENTS(checks); i++) {
		v.check = checks[i].name;
		checks[i].run(&v);
	}
	return true;
}
