"""latency.py TICKETPOST FOLDER [ORDERS] - one order at a time into an idle gateway: from the moment
the order is taken (orders.received_at) until the server's final 250.  Prints "P50 P99 DISK" in ms;
DISK is what three syncs of 64 KiB each take on this disk: the order, its tickets, the arming."""
import json
import os
import sqlite3
import subprocess
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))
from chaos_smtpd import Chaos  # noqa: E402

tp, folder = sys.argv[1], sys.argv[2]
n = int(sys.argv[3]) if len(sys.argv) > 3 else 100
server = Chaos(1, 60)
server.calm = True
conf = os.path.join(folder, "ticketpost.conf")
text = open(conf, encoding="utf-8").read()
lines = [l for l in text.split("\n") if not l.startswith("transport=")]
lines.insert(lines.index("[mail]") + 1, f"transport=smtp://127.0.0.1:{server.port}")
open(conf, "w", encoding="utf-8").write("\n".join(lines))
os.environ["TICKETPOST_CONFIG"] = conf
gateway = subprocess.Popen([tp, "run"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
time.sleep(1)
for i in range(n):
    order = {"order": f"L-{i}", "source": "s", "party": "R-100",
             "customer": {"name": "Zoë", "email": f"l{i}@example.org", "language": "de"},
             "deliver": {"by": "email", "to": "customer"},
             "lines": [{"line": "1", "product": "CAD-PRO", "quantity": 1}]}
    subprocess.run([tp, "order", "submit", "-q", "-"], input=json.dumps(order).encode(), check=True,
                   stdout=subprocess.DEVNULL)
    until = time.monotonic() + 10
    while len(server.stored) <= i and time.monotonic() < until:
        time.sleep(0.01)
gateway.terminate()
gateway.wait()
db = sqlite3.connect(os.path.join(folder, "ticketpost.db"))
taken = dict(db.execute("SELECT number, received_at FROM orders"))
ms = sorted((s.at * 1e6 - taken["L-" + s.to[1:].split("@")[0]]) / 1e3 for s in server.stored)
syncs = []
with open(os.path.join(folder, "syncs"), "wb", buffering=0) as f:
    for _ in range(3 * n):
        f.write(os.urandom(65536))
        began = time.monotonic()
        os.fdatasync(f.fileno())
        syncs.append((time.monotonic() - began) * 1e3)
os.unlink(os.path.join(folder, "syncs"))
disk = 3 * sorted(syncs)[len(syncs) // 2]
print(f"{ms[len(ms) // 2]:.1f} {ms[min(len(ms) - 1, len(ms) * 99 // 100)]:.1f} {disk:.1f}")
