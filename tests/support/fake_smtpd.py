"""fake_smtpd.py FOLDER [CERT_FOLDER] - an SMTP server that misbehaves by script.

Opens one loopback port for each row of SCRIPTS and prints "name port" for each, then
"ready".  Ends when its standard input closes.

FOLDER/NAME.talk     every line received before and after each body, one a line
FOLDER/NAME.N.eml    the N-th message this row really stored, dots unstuffed

A script maps a step to an action.  Steps: banner ehlo helo starttls auth mail rcpt data
body dot, and `idle` for what happens after a message.  Actions:

    b"..."              these bytes in place of the usual reply
    CUT, RESET          close, or close with RST
    SILENCE             say nothing until the client leaves
    (action, action)    one after the other
    STALL               read nothing for some seconds, then close
    Drip(b"...", s)     byte by byte, `s` seconds apart
    Late(s)             wait, then go on as usual
    STORE               what a good server would do here, without the reply

At `dot` nothing is stored unless the script says STORE (or has no row for it).  A script
with {"once": True} misbehaves on the first connection only.
"""
import base64
import os
import socket
import ssl
import struct
import sys
import threading
import time

CUT, RESET, SILENCE, STALL, STORE = "cut", "reset", "silence", "stall", "store"


class Drip:
    def __init__(self, data, seconds):
        self.data, self.seconds = data, seconds


class Late:
    def __init__(self, seconds):
        self.seconds = seconds


class Gone(Exception):
    pass


EXTENSIONS = ["PIPELINING", "SIZE 10240000", "ENHANCEDSTATUSCODES", "8BITMIME"]
LONG = 100000
MANY = 10000

SCRIPTS = {
    "good": {},
    "good-dsn": {"offers": EXTENSIONS + ["DSN", "SMTPUTF8"]},
    "good-auth": {"offers": EXTENSIONS + ["AUTH PLAIN LOGIN"]},
    "small-size": {"offers": ["PIPELINING", "SIZE 100"]},
    "banner-cut": {"banner": CUT},
    "banner-reset": {"banner": RESET},
    "banner-421": {"banner": (b"421 4.3.2 closing\r\n", CUT)},
    "banner-554": {"banner": (b"554 5.7.1 no service for you\r\n", CUT)},
    "banner-silence": {"banner": SILENCE},
    "banner-garbage": {"banner": (b"hello there\r\n", CUT)},
    "banner-late": {"banner": Late(0.3)},
    "banner-drip": {"banner": Drip(b"220-slow\r\n220 server\r\n", 0.01)},
    "ehlo-cut": {"ehlo": CUT},
    "ehlo-421": {"ehlo": (b"421 4.3.2 closing\r\n", CUT)},
    "ehlo-502-helo": {"ehlo": b"502 5.5.1 old server\r\n"},
    "ehlo-550-helo-550": {"ehlo": b"550 5.7.1 no\r\n", "helo": b"550 5.7.1 no\r\n"},
    "ehlo-silence": {"ehlo": SILENCE},
    "auth-535": {"auth": b"535 5.7.8 bad credentials\r\n", "offers": ["AUTH PLAIN"]},
    "auth-454": {"auth": b"454 4.7.0 try later\r\n", "offers": ["AUTH PLAIN"]},
    "auth-cut": {"auth": CUT, "offers": ["AUTH PLAIN"]},
    "mail-421": {"mail": (b"421 4.3.2 closing\r\n", CUT)},
    "mail-451": {"mail": b"451 4.3.0 later\r\n"},
    "mail-452": {"mail": b"452 4.3.1 no space\r\n"},
    "mail-550": {"mail": b"550 5.1.8 who is that\r\n"},
    "mail-552": {"mail": b"552 5.3.4 too big\r\n"},
    "mail-530": {"mail": b"530 5.7.0 authentication required\r\n"},
    "mail-cut": {"mail": CUT},
    "mail-silence": {"mail": SILENCE},
    "mail-garbage": {"mail": b"what?\r\n"},
    "mail-999": {"mail": b"999 what\r\n"},
    "rcpt-251": {"rcpt": b"251 2.1.5 will forward\r\n"},
    "rcpt-421": {"rcpt": (b"421 4.3.2 closing\r\n", CUT)},
    "rcpt-450": {"rcpt": b"450 4.2.0 greylisted\r\n"},
    "rcpt-452": {"rcpt": b"452 4.2.2 mailbox full\r\n"},
    "rcpt-550": {"rcpt": b"550 5.1.1 no such user\r\n"},
    "rcpt-550-lines": {"rcpt": b"550-5.1.1 no such user,\r\n550 5.1.1 really none\r\n"},
    "rcpt-550-dmarc": {"rcpt": b"550 5.7.1 Unauthenticated mail, DMARC\r\n"},
    "rcpt-550-data-354": {"rcpt": b"550 5.1.1 no such user\r\n", "data": b"354 go\r\n"},
    "rcpt-cut": {"rcpt": CUT},
    "rcpt-silence": {"rcpt": SILENCE},
    "data-451": {"data": b"451 4.3.0 later\r\n"},
    "data-554": {"data": b"554 5.5.1 no valid recipients\r\n"},
    "data-250": {"data": b"250 2.0.0 ok\r\n"},
    "data-cut": {"data": CUT},
    "data-silence": {"data": SILENCE},
    "body-cut": {"body": CUT},
    "body-reset": {"body": RESET},
    "body-552": {"body": (b"552 5.3.4 too much\r\n", CUT)},
    "body-stall-silence": {"body": STALL},
    "dot-cut": {"dot": CUT},
    "dot-store-cut": {"dot": (STORE, CUT)},
    "dot-store-reset": {"dot": (STORE, RESET)},
    "dot-partial-25": {"dot": (STORE, b"25", CUT)},
    "dot-partial-250": {"dot": (STORE, b"250", CUT)},
    "dot-partial-250-space": {"dot": (STORE, b"250 ", CUT)},
    "dot-partial-line": {"dot": (STORE, b"250-first\r\n250", CUT)},
    "dot-silence": {"dot": (STORE, SILENCE)},
    "dot-421": {"dot": (b"421 4.3.2 closing\r\n", CUT)},
    "dot-451": {"dot": b"451 4.3.0 later\r\n"},
    "dot-452": {"dot": b"452 4.3.1 no space\r\n"},
    "dot-552": {"dot": b"552 5.2.2 mailbox full\r\n"},
    "dot-554": {"dot": b"554 5.6.0 bad content\r\n"},
    "dot-550-gmail": {"dot": b"550-5.7.26 This mail has been blocked\r\n550 5.7.26 because\r\n"},
    "dot-550-outlook": {"dot": b"550 5.7.515 Access denied\r\n"},
    "dot-553-yahoo": {"dot": b"553 5.7.2 [TSS09] blocked, poor reputation\r\n"},
    "dot-999": {"dot": (STORE, b"999 what\r\n", CUT)},
    "dot-354": {"dot": (STORE, b"354 go on\r\n")},
    "dot-hello": {"dot": (STORE, b"hello\r\n", CUT)},
    "dot-two-codes": {"dot": (STORE, b"250-fine\r\n550 5.0.0 not fine\r\n")},
    "dot-long-line": {"dot": (STORE, b"250 " + b"x" * LONG + b"\r\n")},
    "dot-many-lines": {"dot": (STORE, b"250-more\r\n" * MANY + b"250 2.0.0 end\r\n")},
    "dot-drip": {"dot": (STORE, Drip(b"250-2.0.0 fi\r\n250 2.0.0 ne\r\n", 0.005))},
    "dot-bare-code": {"dot": (STORE, b"250\r\n")},
    "dot-lf-only": {"dot": (STORE, b"250 2.0.0 ok\n")},
    "dot-control": {"dot": (STORE, b"250 2.0.0 a\x1b[2Jb\x00c\xff\xc3\xbc\r\n")},
    "dot-250-reset": {"dot": (STORE, b"250 2.0.0 ok\r\n", RESET)},
    "dot-250-twice": {"dot": (STORE, b"250 2.0.0 ok\r\n250 2.0.0 ok\r\n")},
    "idle-cut": {"idle": (Late(0.05), CUT), "once": True},
    "idle-421": {"idle": (Late(0.05), b"421 4.4.2 idle too long\r\n", CUT), "once": True},
    "idle-mail-cut": {"second-mail": CUT, "once": True},
    "idle-mail-421": {"second-mail": (b"421 4.7.0 enough\r\n", CUT), "once": True},
    "idle-rset-500": {"rcpt": b"550 5.1.1 no such user\r\n", "rset": b"500 5.5.1 what\r\n",
                      "once": True},
    "early-replies": {"mail": b"250 ok\r\n250 ok\r\n354 go\r\n"},
}

# The same, over TLS; "tls" names the certificate.
TLS_SCRIPTS = {
    "tls-good": {"tls": "good", "wrapped": True, "offers": EXTENSIONS + ["AUTH PLAIN"]},
    "tls-wrong-name": {"tls": "wrong-name", "wrapped": True},
    "tls-expired": {"tls": "expired", "wrapped": True},
    "tls-unknown-ca": {"tls": "unknown-ca", "wrapped": True},
    "tls-old": {"tls": "good", "wrapped": True, "old": True},
    "tls-garbage": {"banner": b"220 this is not TLS\r\n"},
    "tls-silence": {"banner": SILENCE},
    "starttls-good": {"tls": "good", "offers": EXTENSIONS + ["AUTH PLAIN"]},
    "starttls-wrong-name": {"tls": "wrong-name"},
    "starttls-expired": {"tls": "expired"},
    "starttls-unknown-ca": {"tls": "unknown-ca"},
    "starttls-stripped": {},
    "starttls-454": {"tls": "good", "starttls": b"454 4.7.0 not now\r\n"},
    "starttls-cut": {"tls": "good", "starttls": CUT},
    "starttls-garbage": {"tls": "good", "starttls": (b"220 go\r\n", b"garbage" * 100, CUT)},
    "starttls-inject": {"tls": "good",
                        "starttls": b"220 go\r\n250-fake\r\n250 PIPELINING\r\n"},
    "starttls-silence": {"tls": "good", "starttls": (b"220 go\r\n", SILENCE)},
}


class Server:
    def __init__(self, name, script, folder, certs, pipelining):
        self.name, self.script, self.folder = name, script, folder
        self.certs, self.pipelining = certs, pipelining
        self.lock = threading.Lock()
        self.connections = 0
        self.stored = 0
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            conn, _ = self.listener.accept()
            with self.lock:
                self.connections += 1
                n = self.connections
            threading.Thread(target=Session(self, conn, n).run, daemon=True).start()

    def note(self, line):
        with self.lock, open(os.path.join(self.folder, self.name + ".talk"), "ab") as f:
            f.write(line.rstrip(b"\r\n") + b"\n")

    def store(self, body):
        with self.lock:
            self.stored += 1
            path = os.path.join(self.folder, "%s.%d.eml" % (self.name, self.stored))
        with open(path + ".tmp", "wb") as f:
            f.write(body)
        os.rename(path + ".tmp", path)


class Session:
    def __init__(self, server, conn, n):
        self.server, self.conn, self.n = server, conn, n
        conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""
        self.script = server.script
        if n > 1 and self.script.get("once"):
            self.script = {}
        self.messages = 0
        self.tls = False

    def wrap(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        base = os.path.join(self.server.certs, self.server.script["tls"])
        context.load_cert_chain(base + ".pem", base + ".key")
        if self.server.script.get("old"):
            context.set_ciphers("ALL:@SECLEVEL=0")
            context.minimum_version = ssl.TLSVersion.TLSv1
            context.maximum_version = ssl.TLSVersion.TLSv1_1
        self.conn = context.wrap_socket(self.conn, server_side=True)
        self.buffer = b""
        self.tls = True

    def send(self, data):
        self.conn.sendall(data)

    def receive(self):
        data = self.conn.recv(65536)
        if not data:
            raise Gone
        self.buffer += data

    def line(self):
        while b"\n" not in self.buffer:
            self.receive()
        line, self.buffer = self.buffer.split(b"\n", 1)
        return line + b"\n"

    def act(self, action, body=None):
        if isinstance(action, tuple):
            for a in action:
                self.act(a, body)
        elif isinstance(action, bytes):
            self.send(action)
        elif isinstance(action, Drip):
            for i in range(len(action.data)):
                self.send(action.data[i:i + 1])
                time.sleep(action.seconds)
        elif isinstance(action, Late):
            time.sleep(action.seconds)
        elif action == STORE:
            self.server.store(body)
        elif action == SILENCE:
            while self.conn.recv(65536):
                pass
            raise Gone
        elif action == STALL:
            time.sleep(3)
            raise Gone
        elif action == RESET:
            self.conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                 struct.pack("ii", 1, 0))
            raise Gone
        elif action == CUT:
            raise Gone

    def step(self, name, usual):
        """Plays the script's action for this step, or sends the usual reply."""
        action = self.script.get(name)
        if action is None:
            self.send(usual)
            return True
        self.act(action)
        if isinstance(action, Late):
            self.send(usual)
        return False

    def body(self):
        """Reads up to the final dot; None when the script ended it before."""
        data = b""
        action = self.script.get("body")
        while True:
            seen = max(0, len(data) - 4)
            data += self.buffer
            self.buffer = b""
            if action is not None and len(data) > 1000:
                self.act(action)
                return None
            if data.startswith(b".\r\n"):
                body, self.buffer = b"", data[3:]
                break
            i = data.find(b"\r\n.\r\n", seen)
            if i >= 0:
                body, self.buffer = data[:i + 2], data[i + 5:]
                break
            self.receive()
        lines = body.split(b"\r\n")
        return b"\r\n".join(l[1:] if l.startswith(b".") else l for l in lines)

    def ehlo(self):
        offers = list(self.script.get("offers", EXTENSIONS))
        if not self.server.pipelining and "PIPELINING" in offers:
            offers.remove("PIPELINING")
        if "tls" in self.server.script and not self.tls:
            offers = [o for o in offers if not o.startswith("AUTH")] + ["STARTTLS"]
        lines = ["fake.example"] + offers
        return b"".join(b"250%c%s\r\n" % (b"-" if i < len(lines) - 1 else b" ", l.encode())
                        for i, l in enumerate(lines))

    def auth(self, line):
        words = line.split()
        token = words[2] if len(words) > 2 else None
        if token is None:
            self.send(b"334 \r\n")
            token = self.line().strip()
        user, password = base64.b64decode(token).split(b"\0")[1:3]
        good = user == b"robot" and password == b"s3cret pass"
        self.step("auth", b"235 2.7.0 welcome\r\n" if good else b"535 5.7.8 no\r\n")

    def command(self, line):
        verb = line[:4].upper()
        if verb == b"EHLO":
            self.step("ehlo", self.ehlo())
        elif verb == b"HELO":
            self.step("helo", b"250 fake.example\r\n")
        elif verb == b"STAR":
            if self.step("starttls", b"220 2.0.0 go ahead\r\n") or \
                    self.server.name == "starttls-inject":
                self.wrap()
        elif verb == b"AUTH":
            self.auth(line)
        elif verb == b"MAIL":
            if self.messages > 0 and "second-mail" in self.script:
                self.act(self.script["second-mail"])
            self.in_mail = self.step("mail", b"250 2.1.0 ok\r\n")
        elif verb == b"RCPT":
            if not self.in_mail:
                self.send(b"503 5.5.1 MAIL first\r\n")
            elif b"dot-silence" in line:
                self.script = SCRIPTS["dot-silence"]
                self.send(b"250 2.1.5 ok\r\n")
                self.has_rcpt = True
            else:
                self.has_rcpt = self.step("rcpt", b"250 2.1.5 ok\r\n") or \
                    self.script["rcpt"].startswith(b"2")
        elif verb == b"DATA":
            if not self.has_rcpt and "data" not in self.script:
                self.send(b"554 5.5.1 no valid recipients\r\n")
                return True
            if self.step("data", b"354 go ahead\r\n") or \
                    self.script["data"].startswith(b"354"):
                self.data()
        elif verb == b"RSET":
            self.in_mail = self.has_rcpt = False
            self.step("rset", b"250 2.0.0 ok\r\n")
        elif verb == b"QUIT":
            self.send(b"221 2.0.0 bye\r\n")
            return False
        else:
            self.send(b"500 5.5.2 what\r\n")
        return True

    def data(self):
        body = self.body()
        if body is None:
            raise Gone
        self.server.note(b".")
        self.in_mail = self.has_rcpt = False
        if "dot" in self.script:
            self.act(self.script["dot"], body)
        else:
            self.server.store(body)
            self.send(b"250 2.0.0 stored as %d\r\n" % self.server.stored)
        self.messages += 1
        if "idle" in self.script:
            self.act(self.script["idle"])

    def run(self):
        self.in_mail = self.has_rcpt = False
        try:
            if self.server.script.get("wrapped"):
                self.wrap()
            self.step("banner", b"220 fake.example ESMTP\r\n")
            while True:
                line = self.line()
                self.server.note(line)
                if not self.command(line):
                    break
        except (Gone, OSError, ssl.SSLError, ValueError):
            pass
        finally:
            try:
                self.conn.close()
            except OSError:
                pass


def main():
    folder = sys.argv[1]
    certs = sys.argv[2] if len(sys.argv) > 2 and sys.argv[2] else None
    pipelining = "no-pipelining" not in sys.argv[3:]
    scripts = TLS_SCRIPTS if certs else SCRIPTS
    servers = [Server(n, s, folder, certs, pipelining) for n, s in scripts.items()]
    for s in servers:
        print(s.name, s.port)
    print("ready", flush=True)
    sys.stdin.read()


main()
