"""fake_ipp.py PORT SCRIPT SPOOL - an IPP printer that has bad days.

SCRIPT is a file with one word, read anew for each request; SPOOL a folder for what was printed.

  good        prints
  paper       takes the job and stops for want of paper, until the word is another
  refuse      says no to the job
  busy        has no time
  closed      takes no jobs at the moment
  half        hangs up in the middle of the file
  mute        takes the file and hangs up without an answer
  nameless    takes the file and gives no number
  noise       answers with what is no IPP
  forget      knows none of its jobs any more
  cancel      somebody pressed the button
"""

import http.server
import os
import struct
import sys

PORT, SCRIPT, SPOOL = int(sys.argv[1]), sys.argv[2], sys.argv[3]
PRINT_JOB, GET_JOB, GET_PRINTER = 0x0002, 0x0009, 0x000B
OK, NOT_FOUND, FORMAT, BUSY = 0x0000, 0x0406, 0x040A, 0x0507
KEYWORD, BOOLEAN, INTEGER, ENUM, MIME = 0x44, 0x22, 0x21, 0x23, 0x49
jobs = 0


def word():
    with open(SCRIPT) as f:
        return f.read().strip()


def value(tag, name, data):
    name = name.encode()
    return struct.pack(">BH", tag, len(name)) + name + struct.pack(">H", len(data)) + data


def strings(tag, name, *texts):
    return b"".join(value(tag, name if i == 0 else "", t.encode()) for i, t in enumerate(texts))


def number(tag, name, n):
    return value(tag, name, struct.pack(">i", n))


def answer(status, request, group=0, attributes=b""):
    head = struct.pack(">BBHI", 2, 0, status, request)
    head += b"\x01" + strings(0x47, "attributes-charset", "utf-8")
    head += strings(0x48, "attributes-natural-language", "en")
    return head + (bytes([group]) + attributes if group else b"") + b"\x03"


def printer(request, day):
    out = strings(KEYWORD, "media-supported", "iso_a4_210x297mm", "na_letter_8.5x11in")
    out += strings(MIME, "document-format-supported", "application/pdf")
    out += value(BOOLEAN, "printer-is-accepting-jobs", b"\0" if day == "closed" else b"\1")
    out += strings(KEYWORD, "sides-supported", "one-sided")
    out += number(ENUM, "printer-state", 5 if day == "paper" else 3)
    out += strings(KEYWORD, "printer-state-reasons",
                   *(["media-empty-error", "toner-low-warning"] if day == "paper" else ["none"]))
    return answer(OK, request, 4, out)


def job(request, number_of, day):
    if day == "forget":
        return answer(NOT_FOUND, request)
    state, reason = {"paper": (6, "printer-stopped"), "cancel": (7, "job-canceled-at-device")}.get(
        day, (9, "job-completed-successfully"))
    return answer(OK, request, 2, number(INTEGER, "job-id", number_of) + number(ENUM, "job-state", state)
                  + strings(KEYWORD, "job-state-reasons", reason))


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def pieces(self):
        if "chunked" in self.headers.get("Transfer-Encoding", ""):
            while True:
                size = int(self.rfile.readline().split(b";")[0], 16)
                data = self.rfile.read(size)
                self.rfile.readline()
                if size == 0:
                    return
                yield data
        else:
            yield self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def reply(self, body):
        self.send_response(200)
        self.send_header("Content-Type", "application/ipp")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def hang_up(self):
        self.close_connection = True
        self.connection.close()

    def do_POST(self):
        global jobs
        day = word()
        if self.headers.get("Expect") == "100-continue":
            self.send_response_only(100)
            self.end_headers()
        body = b""
        for data in self.pieces():
            body += data
            if day == "half" and len(body) > 2000:
                return self.hang_up()
        operation, request = struct.unpack(">HI", body[2:8])
        if day == "noise":
            return self.reply(b"\xff" * 40)
        if operation == GET_PRINTER:
            return self.reply(printer(request, day))
        if operation == GET_JOB:
            at = body.index(b"job-id") + len("job-id") + 2
            return self.reply(job(request, struct.unpack(">i", body[at:at + 4])[0], day))
        if day == "refuse":
            return self.reply(answer(FORMAT, request))
        if day == "busy":
            return self.reply(answer(BUSY, request))
        jobs += 1
        with open(os.path.join(SPOOL, f"{jobs}.pdf"), "wb") as f:
            f.write(body[body.index(b"%PDF"):])
        if day == "mute":
            return self.hang_up()
        attributes = b"" if day == "nameless" else number(INTEGER, "job-id", jobs)
        self.reply(answer(OK, request, 2, attributes + number(ENUM, "job-state", 3)))


http.server.ThreadingHTTPServer(("127.0.0.1", PORT), Handler).serve_forever()
