"""fake_imapd.py FOLDER CERT_FOLDER - an IMAP server that misbehaves by script.

Opens one loopback port for each row of ROWS and prints "name port" for each, then "ready".
Ends when its standard input closes.  FOLDER/NAME.talk has every line received.

It has one mailbox with UIDVALIDITY 7 and the mails of MAILS.  A row maps a step to an action
that takes the place of the usual reply.  Steps: greeting capability starttls login select
search size body store copy move expunge idle done.  Actions:

    b"..."          these bytes; TAG in them is the tag of the command
    CUT, SILENCE    close, or say nothing until the client leaves
    Flood(b"...")   these bytes for ever
    Drip(b"...", s) byte by byte, `s` seconds apart
    Wait(s)         then the next action
    [action, ...]   one after the other
    USUAL           what a good server says
"""
import base64
import os
import socket
import ssl
import sys
import threading
import time

CUT, SILENCE, USUAL = "cut", "silence", "usual"
MAILS = {
    3: b"From: a@b.example\r\nSubject: one\r\n\r\nfirst\r\n",
    5: b"From: a@b.example\r\nSubject: two\r\n\r\nse\0cond ({\"\r\n",
    9: b"Subject: empty\r\n\r\n",
}


class Flood:
    def __init__(self, data):
        self.data = data


class Drip:
    def __init__(self, data, seconds):
        self.data, self.seconds = data, seconds


class Wait:
    def __init__(self, seconds):
        self.seconds = seconds


class Gone(Exception):
    pass


ALL = b"IMAP4rev1 AUTH=PLAIN SASL-IR IDLE MOVE UIDPLUS"
OK = b"TAG OK done\r\n"
ROWS = {
    "good": {},
    "usual": {},
    "starttls": {"plain": True},
    "no-starttls": {"plain": True, "offers": b"IMAP4rev1 AUTH=PLAIN"},
    "starttls-refused": {"plain": True, "starttls": b"TAG NO not today\r\n"},
    "starttls-injected": {"plain": True, "starttls": b"TAG OK go\r\n* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\nA003 OK in\r\n"},
    "wrong-name": {"cert": "wrong-name"},
    "expired": {"cert": "expired"},
    "unknown-ca": {"cert": "unknown-ca"},
    "bearer": {"offers": b"IMAP4rev1 AUTH=OAUTHBEARER SASL-IR", "token": b"a-token-of-900-bytes" + b"x" * 880},
    "greeting-bye": {"greeting": b"* BYE full\r\n"},
    "greeting-garbage": {"greeting": b"220 smtp.example ESMTP\r\n"},
    "greeting-silence": {"greeting": SILENCE},
    "login-no": {"login": b"TAG NO [AUTHENTICATIONFAILED] no\r\n"},
    "login-cut": {"login": CUT},
    "select-no": {"select": b"TAG NO [NONEXISTENT] no such mailbox\r\n"},
    "no-uidvalidity": {"select": [b"* 3 EXISTS\r\n", OK]},
    "capability-cut": {"capability": CUT},
    "poor": {"offers": b"IMAP4rev1 AUTH=PLAIN SASL-IR"},
    "uidplus": {"offers": b"IMAP4rev1 AUTH=PLAIN SASL-IR UIDPLUS"},
    "move-no": {"move": b"TAG NO [CANNOT] read-only\r\n"},
    "move-trycreate": {"move": {"until": "CREATE", "reply": b"TAG NO [TRYCREATE] no\r\n"}},
    "store-no": {"store": b"TAG NO no\r\n"},
    "search-none": {"search": [b"* SEARCH\r\n", OK]},
    "search-silent": {"search": OK},
    "search-odd": {"search": [b"* SEARCH 9 3 3 1 5\r\n", OK]},
    "search-huge-number": {"search": [b"* SEARCH 99999999999999999999 5\r\n", OK]},
    "search-no": {"search": b"TAG NO no\r\n"},
    "search-nested": {"search": [b"* SEARCH 5\r\n* LIST " + b"(" * 100000 + b"\r\n", OK]},
    "size-none": {"size": OK},
    "size-other": {"size": [b"* 1 FETCH (UID 77 RFC822.SIZE 5)\r\n", OK]},
    "size-huge": {"size": [b"* 1 FETCH (UID 3 RFC822.SIZE 4294967295)\r\n", OK]},
    "body-gone": {"body": OK},
    "body-no": {"body": b"TAG NO [EXPUNGEISSUED] gone\r\n"},
    "body-cut": {"body": [b"* 1 FETCH (UID 3 BODY[] {1000}\r\nabc", CUT]},
    "body-cut-in-number": {"body": [b"* 1 FETCH (UID 3 BODY[] {10", CUT]},
    "body-silence": {"body": [b"* 1 FETCH (UID 3 BODY[] {1000}\r\nabc", SILENCE]},
    "body-drip": {"body": Drip(b"* 1 FETCH (UID 3 BODY[] {1000}\r\n" + b"x" * 1000, 0.3)},
    "body-claims-1-gb": {"body": [b"* 1 FETCH (UID 3 BODY[] {1073741824}\r\nabc", SILENCE]},
    "body-claims-2-64": {"body": [b"* 1 FETCH (UID 3 BODY[] {18446744073709551616}\r\nabc", SILENCE]},
    "body-nested": {"body": [b"* 1 FETCH (BODYSTRUCTURE " + b"(" * 200000, SILENCE]},
    "body-nested-in-literal": {"body": [b"* OK {200}\r\n* 1 FETCH (BODYSTRUCTURE " + b"(" * 200000, SILENCE]},
    "body-flood": {"body": Flood(b"* 5 EXISTS\r\n" * 1000)},
    "body-line-without-end": {"body": Flood(b"* OK " + b"x" * 65536)},
    "body-other-first": {"body": [b"* 9 FETCH (UID 77 BODY[] {5}\r\nother)\r\n* 5 EXISTS\r\n", USUAL]},
    "body-other-only": {"body": [b"* 9 FETCH (UID 77 BODY[] {5}\r\nother)\r\n", OK]},
    "body-nil": {"body": [b"* 1 FETCH (UID 3 BODY[] NIL)\r\n", OK]},
    "body-quoted": {"body": [b"* 1 FETCH (UID 3 BODY[] \"Subject: q\\\"\")\r\n", OK]},
    "body-bye": {"body": [b"* BYE shutting down\r\n", CUT]},
    "body-garbage": {"body": bytes(range(256)) * 40 + b"\r\n" + OK},
    "body-status": {"body": [b"* STATUS INBOX (\r\n* STATUS\r\n", OK]},
    "body-wrong-tag": {"body": b"zzz OK done\r\n"},
    "body-bad": {"body": b"TAG BAD what\r\n"},
    "idle-news": {"idle": b"+ idling\r\n* 4 EXISTS\r\n"},
    "idle-later": {"idle": [b"+ idling\r\n", Wait(0.3), b"* 4 EXISTS\r\n"]},
    "idle-cut": {"idle": [b"+ idling\r\n", Wait(0.1), CUT]},
    "idle-no": {"idle": b"TAG NO not now\r\n"},
    "idle-silence": {"idle": SILENCE},
    "done-silence": {"done": SILENCE},
}


class Row:
    def __init__(self, name, script, folder, certs):
        self.name, self.script = name, script
        self.talk = open(os.path.join(folder, name + ".talk"), "ab", buffering=0)
        self.seen = set()
        base = os.path.join(certs, script.get("cert", "good"))
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.tls.load_cert_chain(base + ".pem", base + ".key")
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            conn, _ = self.socket.accept()
            threading.Thread(target=Session(self, conn).run, daemon=True).start()


class Session:
    def __init__(self, row, conn):
        self.row, self.script, self.conn = row, row.script, conn
        self.buffer = b""

    def send(self, data, tag=b""):
        self.conn.sendall(data.replace(b"TAG", tag))

    def line(self):
        while b"\n" not in self.buffer:
            data = self.conn.recv(65536)
            if not data:
                raise Gone
            self.buffer += data
        line, self.buffer = self.buffer.split(b"\n", 1)
        line = line.rstrip(b"\r")
        self.row.talk.write(line + b"\n")
        return line

    def act(self, action, tag, usual):
        if action == USUAL:
            usual()
        elif action == CUT:
            raise Gone
        elif action == SILENCE:
            while self.conn.recv(65536):
                pass
            raise Gone
        elif isinstance(action, bytes):
            self.send(action, tag)
        elif isinstance(action, Flood):
            while True:
                self.conn.sendall(action.data)
        elif isinstance(action, Drip):
            for i in range(len(action.data)):
                self.conn.sendall(action.data[i:i + 1])
                time.sleep(action.seconds)
        elif isinstance(action, Wait):
            time.sleep(action.seconds)
        elif isinstance(action, dict):
            if action["until"] in self.row.seen:
                usual()
            else:
                self.send(action["reply"], tag)
        else:
            for a in action:
                self.act(a, tag, usual)

    def step(self, name, tag, usual):
        self.act(self.script.get(name, USUAL), tag, usual)

    def wrap(self):
        self.conn = self.row.tls.wrap_socket(self.conn, server_side=True)
        self.tls = True

    def capability(self):
        offers = self.script.get("offers", ALL)
        if self.script.get("plain") and not self.tls:
            offers += b" STARTTLS" if "offers" not in self.script else b""
        return b"* CAPABILITY " + offers + b"\r\n"

    def login(self, tag, arguments):
        token = self.script.get("token")
        if token is not None:
            given = base64.b64decode(arguments.split()[-1])
            if b"auth=Bearer " + token + b"\x01" not in given:
                self.send(b"TAG NO bad token\r\n", tag)
                return
        elif arguments.upper().startswith(b"PLAIN") and len(arguments.split()) == 1:
            self.send(b"+ \r\n")
            self.line()
        self.send(OK, tag)

    def fetch(self, tag, arguments):
        uids, what = arguments.split(b" ", 1)
        name = "size" if b"SIZE" in what else "body"

        def usual():
            # A set is read loosely: every number in it that is a UID.
            wanted = [int(n) for n in uids.replace(b":", b",").split(b",") if n.isdigit()]
            for number, (uid, body) in enumerate(MAILS.items(), 1):
                if uid not in wanted:
                    continue
                if name == "size":
                    self.send(b"* %d FETCH (UID %d RFC822.SIZE %d)\r\n" % (number, uid, len(body)))
                else:
                    self.send(b"* %d FETCH (UID %d BODY[] {%d}\r\n" % (number, uid, len(body)))
                    self.send(body)
                    self.send(b")\r\n")
            self.send(OK, tag)

        self.step(name, tag, usual)

    def uid(self, tag, arguments):
        verb, rest = arguments.split(b" ", 1)
        verb = verb.upper()
        if verb == b"SEARCH":
            self.step("search", tag, lambda: self.send(
                b"* SEARCH " + b" ".join(b"%d" % u for u in MAILS) + b"\r\n" + OK, tag))
        elif verb == b"FETCH":
            self.fetch(tag, rest)
        else:
            self.step(verb.decode().lower(), tag, lambda: self.send(OK, tag))

    def idle(self, tag):
        self.step("idle", tag, lambda: self.send(b"+ idling\r\n"))
        self.line()
        self.step("done", tag, lambda: self.send(OK, tag))

    def command(self, line):
        tag, verb, rest = (line.split(b" ", 2) + [b"", b""])[:3]
        verb = verb.upper()
        self.row.seen.add(verb.decode("latin-1"))
        if verb == b"CAPABILITY":
            name = "capability" if self.logged_in else "first"
            self.step(name, tag, lambda: self.send(self.capability() + OK, tag))
        elif verb == b"STARTTLS":
            self.step("starttls", tag, lambda: self.send(b"TAG OK go\r\n", tag))
            if self.script.get("starttls", b"").startswith(b"TAG NO"):
                return True
            self.wrap()
        elif verb in (b"LOGIN", b"AUTHENTICATE"):
            self.logged_in = True
            self.step("login", tag, lambda: self.login(tag, rest))
        elif verb == b"SELECT":
            self.step("select", tag, lambda: self.send(
                b"* FLAGS (\\Seen \\Deleted)\r\n* 3 EXISTS\r\n* 0 RECENT\r\n"
                b"* OK [UIDVALIDITY 7] it is\r\n* OK [UIDNEXT 10] next\r\n"
                b"TAG OK [READ-WRITE] done\r\n", tag))
        elif verb == b"UID":
            self.uid(tag, rest)
        elif verb == b"IDLE":
            self.idle(tag)
        elif verb == b"LOGOUT":
            self.send(b"* BYE bye\r\n" + OK, tag)
            return False
        else:
            self.send(OK, tag)
        return True

    def run(self):
        self.tls = self.logged_in = False
        try:
            if not self.script.get("plain"):
                self.wrap()
            self.step("greeting", b"*", lambda: self.send(b"* OK ready\r\n"))
            while self.command(self.line()):
                pass
        except (Gone, OSError, ssl.SSLError, ValueError):
            pass
        finally:
            try:
                self.conn.close()
            except OSError:
                pass


def main():
    folder, certs = sys.argv[1], sys.argv[2]
    for name, script in ROWS.items():
        print(name, Row(name, script, folder, certs).port)
    print("ready", flush=True)
    sys.stdin.read()


main()
