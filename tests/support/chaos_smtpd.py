"""chaos_smtpd.py - an SMTP server that misbehaves at random, and remembers what it took.

    server = Chaos(seed, timeout_s)    # listens on server.port, one thread a connection
    server.calm = True                 # from now on it behaves
    server.stored                      # [Stored], in the order of the final dots

What is stored was taken with its final dot, whether the client was told or not: `told` says
that the whole final reply was written before the connection ended.  An address that begins
with "bad" is refused for good (550) at RCPT, always.

Misfortunes at each step from the banner to what follows the final 250: cut, reset, 4xx, 421,
garbage, a partial reply, a slow drip, silence a little longer than the client waits.
"""
import hashlib
import random
import socket
import struct
import threading
import time

CUT, RESET, LATER, CLOSING, GARBAGE, PARTIAL, DRIP, SILENCE = range(8)
# Trouble at the banner or EHLO is the route's and makes the client rest, so it is rarer.
CHANCE = {"banner": 0.02, "ehlo": 0.02, "mail": 0.03, "rcpt": 0.03, "data": 0.03, "body": 0.03,
          "dot": 0.05, "stored": 0.08, "after": 0.03}


class Gone(Exception):
    pass


class Stored:
    def __init__(self, epoch, to, message):
        head = message.split(b"\r\n\r\n", 1)[0].decode("utf-8", "replace")
        ids = [line[11:].strip() for line in head.split("\r\n")
               if line.lower().startswith("message-id:")]
        self.epoch, self.to, self.message_id = epoch, to, ids[0] if ids else "none"
        self.sha256 = hashlib.sha256(message).hexdigest()
        self.told = False
        self.at = time.time()


class Chaos:
    def __init__(self, seed, timeout_s):
        self.random = random.Random(seed)
        self.timeout_s = timeout_s
        self.lock = threading.Lock()
        self.stored = []
        self.misfortunes = {}
        self.steps = 0  # of all dialogues
        self.epoch = 0
        self.calm = False
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            link, _ = self.socket.accept()
            # A reply a line, and nobody waits 40 ms for the client's delayed ACK between two of them.
            link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self.talk, args=(link,), daemon=True).start()

    def fate(self, step):
        with self.lock:
            self.steps += 1
            if self.calm or self.random.random() >= CHANCE[step]:
                return None
            fate = self.random.randrange(8)
            self.misfortunes[step] = self.misfortunes.get(step, 0) + 1
            return fate

    def suffer(self, link, fate, good, temporary):
        """Does what fate wants instead of replying `good`; True: the dialogue goes on."""
        if fate == LATER and temporary:
            link.sendall(temporary)
            return False
        if fate == CLOSING and temporary:
            link.sendall(b"421 4.3.2 closing\r\n")
        elif fate == GARBAGE:
            link.sendall(b"\x00\xff what?\r\n")
        elif fate == PARTIAL:
            link.sendall(good[:2])
        elif fate == DRIP:
            for byte in good:
                link.sendall(bytes([byte]))
                time.sleep(0.005)
            return True
        elif fate == SILENCE:
            time.sleep(self.timeout_s * 1.2)
        elif fate == RESET:
            link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        raise Gone

    def reply(self, link, step, good, temporary=None):
        """True: the good reply was written in full."""
        fate = self.fate(step)
        if fate is not None:
            return self.suffer(link, fate, good, temporary)
        link.sendall(good)
        return True

    def talk(self, link):
        link.settimeout(60)
        file = link.makefile("rb")
        try:
            self.dialogue(link, file)
        except (Gone, OSError, ValueError):
            pass
        finally:
            file.close()
            link.close()

    def dialogue(self, link, file):
        self.reply(link, "banner", b"220 chaos ESMTP\r\n", b"421 4.3.2 busy\r\n")
        to = None
        data_ok = False
        while True:
            line = file.readline(2048)
            verb = line[:4].upper()
            if not line or verb == b"QUIT":
                return
            if verb in (b"EHLO", b"HELO"):
                self.reply(link, "ehlo", b"250-chaos\r\n250-PIPELINING\r\n250 8BITMIME\r\n",
                           b"451 4.3.0 later\r\n")
            elif verb == b"RSET":
                link.sendall(b"250 2.0.0 ok\r\n")
            elif verb == b"MAIL":
                to, data_ok = None, self.reply(link, "mail", b"250 2.1.0 ok\r\n", b"451 4.3.0 later\r\n")
            elif verb == b"RCPT":
                address = line.split(b"<", 1)[1].split(b">", 1)[0].decode()
                if address.startswith("bad"):
                    link.sendall(b"550 5.1.1 no such user\r\n")
                elif data_ok and self.reply(link, "rcpt", b"250 2.1.5 ok\r\n", b"450 4.2.1 later\r\n"):
                    to = address
                elif not data_ok:
                    link.sendall(b"503 5.5.1 MAIL first\r\n")
            elif verb == b"DATA":
                if to is None:
                    link.sendall(b"554 5.5.1 no valid recipients\r\n")
                elif self.reply(link, "data", b"354 go ahead\r\n", b"451 4.3.0 later\r\n"):
                    self.message(link, file, to)
                to = None
            else:
                link.sendall(b"500 5.5.2 what?\r\n")

    def message(self, link, file, to):
        fate = self.fate("body")
        lines = []
        while True:
            line = file.readline(65536)
            if not line:
                raise Gone
            if line == b".\r\n":
                break
            lines.append(line[1:] if line.startswith(b".") else line)
            if fate is not None and len(lines) == 40:
                raise Gone
        # Before it is stored: the client must send it again.
        fate = self.fate("dot")
        if fate is not None:
            if fate == DRIP:
                fate = CUT
            if not self.suffer(link, fate, b"", b"451 4.3.0 later\r\n"):
                return
        stored = Stored(self.epoch, to, b"".join(lines))
        with self.lock:
            self.stored.append(stored)
        # Stored: from here on a second copy is the price of not knowing.
        stored.told = self.reply(link, "stored", b"250 2.0.0 taken\r\n")
        fate = self.fate("after")
        if fate is not None:
            raise Gone
