"""hosts.py ROUNDS [SEED] - two worker hosts, each in a network namespace and with a host name of its
own, share one PostgreSQL over TCP.  In each round both work on new orders, and one of these befalls
them: a host is killed; the cable of one is pulled, and it is killed or comes back; the server fails
as by pg_ctl stop -m immediate.  In the end each accepted order must have exactly its tickets and
each delivery its one mail.

Wants the rights of root, $TP_BIN, $TP_SOURCE and a fresh $TMP; prints "ok NAME" and "not ok NAME".
"""
import atexit
import datetime
import email
import json
import os
import random
import signal
import subprocess
import sys
import time

BIN, SOURCE, TMP = os.environ["TP_BIN"], os.environ["TP_SOURCE"], os.environ["TMP"]
ROUNDS = int(sys.argv[1])
chance = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 1)
NET = f"10.{200 + os.getpid() % 50}.{os.getpid() // 50 % 250}"
HOSTS = {name: f"tp-{name}-{os.getpid()}" for name in "ab"}
BRIDGE = f"tpbr{os.getpid() % 100000}"
instance = os.path.join(TMP, "hosts")
wrong = epoch = 0


def promise(holds, name, why=""):
    global wrong
    print(("ok " if holds else "not ok ") + name, flush=True)
    if not holds:
        wrong += 1
        print("  " + str(why)[:2000])


def sh(*words):
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


def cable(host, state):
    sh("ip", "link", "set", f"{BRIDGE}{host}", state)


def wire():
    """A bridge for the server, a cable from it into each host."""
    sh("ip", "link", "add", BRIDGE, "type", "bridge")
    sh("ip", "addr", "add", f"{NET}.1/24", "dev", BRIDGE)
    sh("ip", "link", "set", BRIDGE, "up")
    for i, (host, space) in enumerate(HOSTS.items()):
        sh("ip", "netns", "add", space)
        sh("ip", "link", "add", f"{BRIDGE}{host}", "type", "veth", "peer", "name", "eth0", "netns", space)
        sh("ip", "link", "set", f"{BRIDGE}{host}", "master", BRIDGE)
        cable(host, "up")
        inside = ("ip", "-n", space)
        sh(*inside, "link", "set", "lo", "up")
        sh(*inside, "addr", "add", f"{NET}.{i + 2}/24", "dev", "eth0")
        sh(*inside, "link", "set", "eth0", "up")


def unwire():
    for words in [("ip", "netns", "del", s) for s in HOSTS.values()] + [("ip", "link", "del", BRIDGE)]:
        subprocess.run(words, check=False, capture_output=True)


def pg(verb):
    words = [os.path.join(SOURCE, "tests/support/pg.sh"), verb] + ([pg_dir] if verb != "start" else [])
    return subprocess.run(words, check=True, capture_output=True, text=True, env=dict(
        os.environ, PG_LISTEN=f"{NET}.1", PG_ALLOW=f"{NET}.0/24")).stdout


def env():
    """Each round plays two hours after the one before, so that leases lapse and doubt ends."""
    now = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=2 * epoch)
    return dict(os.environ, TICKETPOST_CONFIG=os.path.join(instance, "ticketpost.conf"),
                TICKETPOST_NOW=now.strftime("%Y-%m-%dT%H:%M:%SZ"))


def tp(*args, **how):
    return subprocess.run([BIN, *args], env=env(), capture_output=True, text=True, **how)


def start(host):
    return subprocess.Popen(
        ["ip", "netns", "exec", HOSTS[host], "unshare", "--uts", "sh", "-c",
         f"hostname host-{host}; exec \"$0\" run", BIN],
        env=env(), start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def kill(gateway):
    os.killpg(gateway.pid, signal.SIGKILL)
    gateway.wait()


def sent():
    folder = os.path.join(instance, "outbox/new")
    return [os.path.join(folder, f) for f in os.listdir(folder)] if os.path.isdir(folder) else []


def progress(more):
    """Waits until so many more mails have left, however fast the machine is."""
    last = len(sent()) + more
    until = time.monotonic() + 4
    while len(sent()) < last and time.monotonic() < until:
        time.sleep(0.01)


def order(n):
    return {"order": f"H-{n}", "source": "s", "party": "R-100",
            "customer": {"name": f"Käufer {n}", "email": f"c{n}@example.org", "language": "de"},
            "deliver": {"by": "email", "to": "customer"},
            "lines": [{"line": "1", "product": "CAD-PRO", "quantity": 1 + n % 3}]}


atexit.register(unwire)
wire()
pg_dir, url = pg("start").split()
atexit.register(pg, "stop")
sh(BIN, "init", instance)
conf = os.path.join(instance, "ticketpost.conf")
text = open(conf, encoding="utf-8").read().split("\n")
text = [line for line in text if not line.startswith(("transport=", "url=", "count=", "doubt_after="))]
for section, line in (("store", f"url=postgresql://ticketpost@{NET}.1/postgres"), ("worker", "count=2"),
                      ("mail", "transport=maildir:outbox"), ("mail", "doubt_after=1s")):
    text.insert(text.index(f"[{section}]") + 1, line)
open(conf, "w", encoding="utf-8").write("\n".join(text))
assert tp("migrate").returncode == 0
vendor = json.load(open(os.path.join(SOURCE, "tests/samples/vendor.json"), encoding="utf-8"))
vendor.pop("programmes")  # on some days they order too, and here orders are counted
with open(os.path.join(instance, "vendor.json"), "w", encoding="utf-8") as f:
    json.dump(vendor, f)
assert tp("import", os.path.join(instance, "vendor.json")).returncode == 0

n, befell = 0, {}
for _ in range(ROUNDS):
    orders = [order(n + i) for i in range(10)]
    n += len(orders)
    taken = tp("order", "submit", "-q", "-", input="".join(json.dumps(o) + "\n" for o in orders))
    assert taken.returncode == 0, taken.stderr
    gateways = {host: start(host) for host in HOSTS}
    progress(chance.randrange(0, 6))
    host = chance.choice("ab")
    event = ("kill", "pull", "pull and kill", "server", "nothing")[epoch % 5]
    befell[event] = befell.get(event, 0) + 1
    if event.startswith("pull"):
        cable(host, "down")
        progress(6)  # the other goes on
    if event.endswith("kill"):
        kill(gateways.pop(host))
    if event.startswith("pull"):
        cable(host, "up")
    if event == "server":
        pg("crash")
        pg("again")
    progress(8)
    for gateway in gateways.values():
        kill(gateway)
    epoch += 1



def drain():
    global epoch
    for _ in range(6):
        epoch += 1
        tp("work", "--drain", "-q")
        status = json.loads(tp("status", "--json").stdout)
        if set(status["jobs"]) <= {"done", "dead"}:
            break
    return status


# As in kills.py: what was in hand at three deaths is left to a person, who sees that it is innocent.
status = drain()
forsaken = [j for j in json.loads(tp("queue", "list", "--state", "dead", "--json").stdout)["jobs"]
            if "vanished" in j["last_error"]]
for job in forsaken:
    assert tp("queue", "retry", str(job["id"])).returncode == 0
status = drain() if forsaken else status
tickets = sum(1 + i % 3 for i in range(n))
print(f"# {n} orders, {tickets} tickets, {befell}, {len(forsaken)} given up after three deaths")
promise(status["orders"] == {"issued": n}, "hosts: every accepted order is issued", status)
promise(status["tickets"] == {"issued": tickets}, "hosts: and has exactly its tickets", status)
promise(status["deliveries"].get("email") == {"sent": tickets}, "hosts: every delivery has left", status)
ids = [email.message_from_binary_file(open(f, "rb"))["Message-ID"] for f in sent()]
promise(len(ids) == len(set(ids)) == tickets, "hosts: each in one mail", (len(ids), len(set(ids)), tickets))
promise(tp("audit", "verify").returncode == 0, "hosts: the audit chain is whole")
checked = tp("check")
promise(checked.returncode == 0, "hosts: the store is sound", checked.stderr)
sys.exit(wrong > 0)
