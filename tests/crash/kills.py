"""kills.py KILLS [SEED] [sqlite|pgsql] - a gateway of four workers is killed (SIGKILL, all of it) at random
moments under load, against a server that misbehaves; then everything calms down.

Each accepted order must have exactly its tickets and each delivery one end.  Of a message a
further copy is allowed only after an interrupted send: the earlier copy was not acknowledged,
or the gateway was killed in the same life; and with the same Message-ID and the same bytes.

On PostgreSQL two gateways share the store, each life begins with both and they die one after
the other; and in some lives the server itself fails (as by pg_ctl stop -m immediate) and is
started again under them.

Wants $TP_BIN, $TP_SOURCE and a fresh $TMP; prints "ok NAME" and "not ok NAME".
"""
import atexit
import datetime
import json
import os
import random
import signal
import subprocess
import sys
import time

BIN, SOURCE, TMP = os.environ["TP_BIN"], os.environ["TP_SOURCE"], os.environ["TMP"]
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(SOURCE, "tests/support"))
from chaos_smtpd import Chaos  # noqa: E402

KILLS = int(sys.argv[1])
SEED = int(sys.argv[2]) if len(sys.argv) > 2 else 1
PGSQL = len(sys.argv) > 3 and sys.argv[3] == "pgsql"
TIMEOUT_S = 2
chance = random.Random(SEED)
server = Chaos(SEED, TIMEOUT_S)
instance = os.path.join(TMP, "kills")
wrong = 0


def promise(holds, name, why=""):
    global wrong
    print(("ok " if holds else "not ok ") + name, flush=True)
    if not holds:
        wrong += 1
        for line in str(why).split("\n")[:40]:
            print("  " + line)


def env():
    """Each life plays two hours after the one before, so that leases lapse and doubt ends."""
    now = datetime.datetime.now(datetime.timezone.utc)
    now += datetime.timedelta(hours=2 * server.epoch)
    return dict(os.environ, TICKETPOST_CONFIG=os.path.join(instance, "ticketpost.conf"),
                TICKETPOST_NOW=now.strftime("%Y-%m-%dT%H:%M:%SZ"))


def tp(*args, **how):
    return subprocess.run([BIN, *args], env=env(), capture_output=True, text=True, **how)


def setting(section, key, value):
    path = os.path.join(instance, "ticketpost.conf")
    lines = open(path, encoding="utf-8").read().split("\n")
    lines = [l for l in lines if not l.startswith(key + "=")]
    lines.insert(lines.index(f"[{section}]") + 1, f"{key}={value}")
    open(path, "w", encoding="utf-8").write("\n".join(lines))


def pg(verb):
    """The private PostgreSQL: start, stop, crash, again."""
    words = [os.path.join(SOURCE, "tests/support/pg.sh"), verb] + ([pg_dir] if verb != "start" else [])
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


def order(n):
    to = "party" if n % 7 == 0 else "customer"
    name = "bad" if n % 11 == 0 else "c"
    return {"order": f"K-{n}", "source": "s", "party": "R-100",
            "customer": {"name": f"Käufer {n}", "email": f"{name}{n}@example.org", "language": "de"},
            "deliver": {"by": "email", "to": to},
            "lines": [{"line": "1", "product": "CAD-PRO", "quantity": 1 + n % 3}]}


def kill(process):
    """The supervisor and all its children; they share a process group."""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def submit(orders, killed_after=None):
    text = "".join(json.dumps(o) + "\n" for o in orders)
    process = subprocess.Popen([BIN, "order", "submit", "--json", "-"], env=env(), text=True,
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL, start_new_session=True)
    if killed_after is not None:
        process.stdin.write(text)
        process.stdin.close()
        time.sleep(killed_after)
        kill(process)
        return []
    out, _ = process.communicate(text)
    answers = json.loads(out)["orders"] if process.returncode == 0 else []
    return [a["order"] for a in answers if a["status"] in ("accepted", "duplicate")]


def live(gateway):
    """A life is as long as so many steps of SMTP, however fast the machine is; some end sooner."""
    if chance.random() < 0.2:
        time.sleep(chance.uniform(0, 0.4))
        return
    last = server.steps + chance.randrange(1, 120)
    until = time.monotonic() + 10
    while server.steps < last and time.monotonic() < until and gateway.poll() is None:
        time.sleep(0.002)


subprocess.run([BIN, "init", instance], check=True, capture_output=True)
for section, key, value in (("mail", "transport", f"smtp://127.0.0.1:{server.port}"),
                            ("mail", "timeout", f"{TIMEOUT_S}s"), ("mail", "doubt_after", "1s"),
                            ("mail", "connections", "4"), ("worker", "count", "4")):
    setting(section, key, value)
if PGSQL:
    pg_dir, pg_url = pg("start").split()
    atexit.register(pg, "stop")
    setting("store", "url", pg_url)
    assert tp("migrate").returncode == 0
vendor = json.load(open(os.path.join(SOURCE, "tests/samples/vendor.json"), encoding="utf-8"))
vendor.pop("programmes")  # on some days they order too, and here orders are counted
with open(os.path.join(instance, "vendor.json"), "w", encoding="utf-8") as f:
    json.dump(vendor, f)
assert tp("import", os.path.join(instance, "vendor.json")).returncode == 0

accepted, waiting, n = {}, [], 0
for _ in range(KILLS):
    waiting += [order(n + i) for i in range(6)]
    n += 6
    # An order desk that got no answer sends the same again.
    taken = submit(waiting, chance.uniform(0, 0.03) if chance.random() < 0.2 else None)
    accepted.update({o["order"]: o for o in waiting if o["order"] in taken})
    waiting = [o for o in waiting if o["order"] not in taken]
    gateways = [subprocess.Popen([BIN, "run"], env=env(), start_new_session=True,
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                for _ in range(2 if PGSQL else 1)]
    for gateway in gateways:
        live(gateway)
        if PGSQL and chance.random() < 0.2:
            pg("crash")
            pg("again")
            live(gateway)
        kill(gateway)
    server.epoch += 1

taken = submit(waiting)
accepted.update({o["order"]: o for o in waiting if o["order"] in taken})
server.calm = True


def drain():
    for _ in range(12):
        server.epoch += 1
        tp("work", "--drain", "-q")
        status = json.loads(tp("status", "--json").stdout)
        if set(status["jobs"]) <= {"done", "dead"}:
            break
    return status


# A message that was in hand at three deaths is suspected of them and left to a person, who
# sees that it is innocent.
status = drain()
forsaken = [j for j in json.loads(tp("queue", "list", "--state", "dead", "--json").stdout)["jobs"]
            if "vanished" in j["last_error"]]
undecided = set(status["deliveries"].get("email", {})) - {"sent", "failed"}
promise(not undecided, "kills: what was given up has failed, and says so", undecided)
for job in forsaken:
    assert tp("queue", "retry", str(job["id"])).returncode == 0
status = drain()

print(f"# {KILLS} kills, {len(accepted)} orders, {len(server.stored)} messages taken, "
      f"misfortunes {dict(sorted(server.misfortunes.items()))}")
promise(server.stored and server.misfortunes, "kills: the server did misbehave")
promise(len(accepted) == n, "kills: every order is accepted in the end", n - len(accepted))
tickets = sum(o["lines"][0]["quantity"] for o in accepted.values())
promise(status["orders"] == {"issued": n}, "kills: every accepted order is issued", status)
promise(status["tickets"] == {"issued": tickets}, "kills: and has exactly its tickets",
        (tickets, status["tickets"]))

lost = sum(o["lines"][0]["quantity"] for o in accepted.values()
           if o["deliver"]["to"] == "customer" and o["customer"]["email"].startswith("bad"))
ends = status["deliveries"].get("email", {})
promise(ends == {"failed": lost, "sent": tickets - lost}, "kills: every delivery has one end",
        (ends, lost, tickets - lost))

copies = {}
for s in server.stored:
    copies.setdefault(s.message_id, []).append(s)
expected = sum(1 if o["deliver"]["to"] == "party" else o["lines"][0]["quantity"]
               for o in accepted.values()
               if o["deliver"]["to"] == "party" or not o["customer"]["email"].startswith("bad"))
promise(len(copies) == expected, "kills: every message arrived, and no other",
        (len(copies), expected))
promise(all(len({(c.sha256, c.to) for c in cs}) == 1 for cs in copies.values()),
        "kills: copies of a message are the same bytes to the same address")
unasked = [f"{m}: lives {[(c.epoch, c.told) for c in cs]}" for m, cs in copies.items()
           if any(a.told and a.epoch == b.epoch for a, b in zip(cs, cs[1:]))]
promise(not unasked, "kills: no copy without an interrupted send", "\n".join(unasked))
again = sum(len(cs) - 1 for cs in copies.values())
promise(tp("audit", "verify").returncode == 0, "kills: the audit chain is whole")
checked = tp("check")
promise(checked.returncode == 0, "kills: the store is sound", checked.stderr)
print(f"# {again} further copies, {len(forsaken)} messages given up after three deaths")
sys.exit(wrong > 0)
