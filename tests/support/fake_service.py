#!/usr/bin/python3
"""fake_service.py CERT KEY [FOLDER] - a licence service over HTTPS, with a script of misfortunes.

Prints its port on the first line of standard output.  Two parts:

/plain/NAME    answers without memory: each NAME is a misfortune of the table below.

/v1/...  /soap a service with memory (REST and SOAP): licences by idempotency key, recalled and
               extended, tickets assigned, files of reports in FOLDER/reports, each request in
               FOLDER/requests.  What it did is a line of FOLDER/log; before each
               request it takes the first line of FOLDER/mischief, if there is one:
                   cut-before   closes without having acted
                   cut-after    acts, and closes without an answer
                   half         acts, and sends half of the answer
                   503 | 500    answers so without having acted
                   500-after    acts, and answers 500
                   ok           nothing happens
"""
import base64
import http.server
import json
import os
import re
import ssl
import sys
import threading
import time

FOLDER = sys.argv[3] if len(sys.argv) > 3 else None
LOCK = threading.Lock()
ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


def made(n):
    """A ticket of this service: 25 letters and digits without our check symbol."""
    text = ""
    for i in range(25):
        text += ALPHABET[(n * 7 + i * i * 3 + i) % len(ALPHABET)]
    return "-".join(text[i:i + 5] for i in range(0, 25, 5))


class Service:
    licences = {}  # key -> {"id", "ticket", "state"}
    reports = {}  # key -> file name

    def log(self, *words):
        if FOLDER:
            with open(os.path.join(FOLDER, "log"), "a", encoding="utf-8") as f:
                print(*words, file=f)

    def mischief(self):
        if not FOLDER:
            return "ok"
        path = os.path.join(FOLDER, "mischief")
        if not os.path.exists(path):
            return "ok"
        with open(path, encoding="utf-8") as f:
            lines = f.read().split()
        with open(path, "w", encoding="utf-8") as f:
            f.write("\n".join(lines[1:]))
        return lines[0] if lines else "ok"

    def mint(self, key, product):
        if key not in self.licences:
            n = len(self.licences) + 1
            self.licences[key] = {"id": "L%d" % n, "ticket": made(n), "state": "NEW"}
            self.log("mint", key, product)
        else:
            self.log("again", key, product)
        return self.licences[key]

    def take(self, key, name, content):
        """A file of a report: kept under FOLDER/reports, once for each key."""
        if key in self.reports:
            self.log("report-again", key)
            return
        self.reports[key] = name
        folder = os.path.join(FOLDER, "reports")
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, os.path.basename(name)), "wb") as f:
            f.write(base64.b64decode(content, validate=True))
        self.log("report", key, name)

    def by_id(self, name):
        for licence in self.licences.values():
            if licence["id"] == name:
                return licence
        return None


SERVICE = Service()

PLAIN = {
    "ok": (200, '{"data": {"ticket": "ABCDE-FGHJK-LMNPQ-RSTUV-WXYZ2", "id": 17, "state": "NEW"}}'),
    "created": (201, '{"data": {"ticket": "ABCDE-FGHJK-LMNPQ-RSTUV-WXYZ2"}}'),
    "no-ticket": (200, '{"data": {}}'),
    "no-json": (200, "<html>login</html>"),
    "empty": (200, ""),
    "torn": (200, '{"data": {"ticket": "ABCDE'),
    "twice": (200, '{"data": {"ticket": "A", "ticket": "B"}}'),
    "line-break": (200, '{"data": {"ticket": "AB\\nCD"}}'),
    "huge": (200, '{"data": {"ticket": "' + "A" * 300000 + '"}}'),
    "400": (400, '{"error": {"message": "no such product"}}'),
    "401": (401, ""),
    "403": (403, ""),
    "404": (404, ""),
    "409": (409, ""),
    "429": (429, ""),
    "500": (500, '{"error": {"message": "oops"}}'),
    "502": (502, ""),
    "503": (503, ""),
    "absent": (200, '{"data": {"unknown": true}}'),
    "soap-ok": (200, '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
                '<r xmlns="urn:example:licences"><ticket>ABCDE-FGHJK-LMNPQ-RSTUV-WXYZ2</ticket>'
                "<id>17</id></r></s:Body></s:Envelope>"),
    "fault-client": (500, '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
                     "<s:Fault><faultcode>s:Client</faultcode><faultstring>no such product"
                     "</faultstring></s:Fault></s:Body></s:Envelope>"),
    "fault-sender": (400, '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>'
                     "<s:Fault><s:Code><s:Value>s:Sender</s:Value></s:Code><s:Reason>"
                     "<s:Text>no such product</s:Text></s:Reason></s:Fault></s:Body></s:Envelope>"),
    "fault-server": (500, '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
                     "<s:Fault><faultcode>s:Server</faultcode><faultstring>database"
                     "</faultstring></s:Fault></s:Body></s:Envelope>"),
    "fault-in-200": (200, '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
                     "<s:Fault><faultcode>s:Client</faultcode></s:Fault></s:Body></s:Envelope>"),
    "doctype": (200, '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><r>&x;</r>'),
    "bomb": (200, "<a>" * 5000 + "</a>" * 5000),
}

SOAP = ('<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
        '<l:%s xmlns:l="urn:example:licences">%s</l:%s></s:Body></s:Envelope>')


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def answer(self, status, text, kind="application/json", half=False):
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[:len(body) // 2] if half else body)
        if half:
            self.cut()

    def cut(self):
        self.close_connection = True
        self.wfile.flush()
        self.connection.close()

    def body(self):
        return self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()

    def plain(self, name, body):
        if name == "cut":
            return self.cut()
        if name == "half":
            return self.answer(*PLAIN["ok"], half=True)
        if name == "slow":
            time.sleep(4)
            return self.answer(*PLAIN["ok"])
        if name == "redirect":
            self.send_response(302)
            self.send_header("Location", "/plain/ok")
            self.send_header("Content-Length", "0")
            return self.end_headers()
        if name == "echo":
            return self.answer(200, json.dumps({"data": {
                "ticket": "ABCDE-FGHJK-LMNPQ-RSTUV-WXYZ2", "body": body,
                "key": self.headers.get("Idempotency-Key"),
                "auth": self.headers.get("Authorization"),
                "type": self.headers.get("Content-Type"),
                "action": self.headers.get("SOAPAction")}}))
        return self.answer(*PLAIN[name])

    def rest(self, method, path, body):
        """(status, object) after acting."""
        sent = json.loads(body) if body else {}
        key = self.headers.get("Idempotency-Key")
        if self.headers.get("Authorization") != "Bearer s3cret":
            return 401, {}
        if method == "POST" and path == "/v1/licences":
            if sent.get("product") == "NO-SUCH":
                return 422, {"error": {"message": "no such product"}}
            licence = SERVICE.mint(key, json.dumps(sent, sort_keys=True))
            return 201, {"data": licence}
        if method == "POST" and path == "/v1/reports":
            SERVICE.take(key, sent["name"], sent["content"])
            return 201, {}
        found = re.match(r"/v1/requests/(.+)$", path)
        if found and method == "GET":
            name = found.group(1).replace("%2F", "/")
            if name in SERVICE.reports:
                return 200, {"data": {"id": SERVICE.reports[name]}}
            if name in SERVICE.licences:
                return 200, {"data": SERVICE.licences[name]}
            return 404, {}
        found = re.match(r"/v1/licences/([^/]+)(/.*)?$", path)
        licence = SERVICE.by_id(found.group(1)) if found else None
        if licence is None:
            return 404, {"error": {"message": "no such licence"}}
        if method == "GET":
            return 200, {"data": dict(licence, state=self.state())}
        if method == "DELETE":
            licence["state"] = "GONE"
            SERVICE.log("recall", licence["id"])
        if method == "PATCH":
            SERVICE.log("extend", licence["id"], sent["last_day"])
        return 200, {"data": licence}

    def assign(self, body):
        SERVICE.log("assign", json.dumps(json.loads(body), sort_keys=True))
        return 200, {"data": {"id": "A1"}}

    def state(self):
        """What FOLDER/state says of everything, when it is there."""
        path = os.path.join(FOLDER, "state")
        if os.path.exists(path):
            with open(path, encoding="utf-8") as f:
                return f.read().strip()
        return "NEW"

    def do(self):
        body = self.body()
        path = self.path.split("?")[0]
        if path.startswith("/plain/"):
            return self.plain(path[len("/plain/"):], body)
        with LOCK:
            if FOLDER:
                with open(os.path.join(FOLDER, "requests"), "a", encoding="utf-8") as f:
                    f.write("%s %s\n%s%s\n" % (self.command, self.path, self.headers, body))
            mischief = SERVICE.mischief()
            if mischief == "cut-before":
                return self.cut()
            if mischief in ("503", "500"):
                return self.answer(int(mischief), "{}")
            if path.startswith("/v1/assignments/"):
                status, answer = 200, {"data": {"state": self.state()}}
            elif path == "/v1/assign":
                status, answer = self.assign(body)
            elif path == "/soap":
                return self.soap(body, mischief)
            else:
                status, answer = self.rest(self.command, path, body)
            text = json.dumps(answer)
        self.end(mischief, status, text, "application/json")

    def end(self, mischief, status, text, kind):
        if mischief == "cut-after":
            return self.cut()
        if mischief == "500-after":
            return self.answer(500, "{}")
        self.answer(status, text, kind, half=mischief == "half")

    def soap(self, body, mischief):
        def field(name):
            found = re.search("<l:%s>([^<]*)</l:%s>" % (name, name), body)
            return found.group(1) if found else None

        key = field("key")
        if "<l:Create" in body:
            licence = SERVICE.mint(key, field("product"))
            inner = "<l:ticket>%(ticket)s</l:ticket><l:id>%(id)s</l:id>" % licence
            text = SOAP % ("Created", inner, "Created")
        elif "<l:Report" in body:
            SERVICE.take(key, field("name"), field("content"))
            text = SOAP % ("Taken", "<l:id>%s</l:id>" % key, "Taken")
        elif key in SERVICE.reports:
            SERVICE.log("found", key)
            text = SOAP % ("Found", "<l:id>%s</l:id>" % key, "Found")
        elif key in SERVICE.licences:
            licence = SERVICE.licences[key]
            inner = "<l:ticket>%(ticket)s</l:ticket><l:id>%(id)s</l:id>" % licence
            text = SOAP % ("Found", inner, "Found")
        else:
            text = SOAP % ("Unknown", "", "Unknown")
        self.end(mischief, 200, text, "text/xml")

    do_GET = do_POST = do_PATCH = do_DELETE = do_PUT = do


def main():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.handle_error = lambda *args: None  # a client that went away is no news
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[1], sys.argv[2])
    server.socket = context.wrap_socket(server.socket, server_side=True)
    print(server.server_address[1], flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
