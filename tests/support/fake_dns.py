#!/usr/bin/python3
"""fake_dns.py PORT ZONE - a name server on the loopback that answers from a file of lines
"name type value", read anew for each question; a line "name servfail -" makes every question
about that name fail."""
import ipaddress
import socket
import struct
import sys

TYPES = {"a": 1, "ptr": 12, "mx": 15, "txt": 16, "aaaa": 28}


def wire(name):
    out = b""
    for label in name.rstrip(".").split("."):
        out += bytes([len(label)]) + label.encode()
    return out + b"\0"


def rdata(kind, value):
    if kind in ("a", "aaaa"):
        return ipaddress.ip_address(value).packed
    if kind == "ptr":
        return wire(value)
    if kind == "mx":
        preference, host = value.split(" ")
        return struct.pack("!H", int(preference)) + (wire(host) if host != "." else b"\0")
    strings = [value[i : i + 200].encode() for i in range(0, len(value), 200)] or [b""]
    return b"".join(bytes([len(s)]) + s for s in strings)


def main():
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind(("127.0.0.1", int(sys.argv[1])))
    while True:
        query, peer = s.recvfrom(4096)
        with open(sys.argv[2], encoding="utf-8") as lines:
            zone = [line.rstrip("\n").split(" ", 2) for line in lines]
        at, labels = 12, []
        while query[at]:
            labels.append(query[at + 1 : at + 1 + query[at]].decode().lower())
            at += 1 + query[at]
        name, kind = ".".join(labels), struct.unpack("!H", query[at + 1 : at + 3])[0]
        question = query[12 : at + 5]
        mine = [row for row in zone if row[0] == name]
        found = [row for row in mine if TYPES.get(row[1]) == kind]
        code = 2 if any(row[1] == "servfail" for row in mine) else 0 if mine else 3
        answer = query[:2] + struct.pack("!HHHHH", 0x8580 | code, 1, len(found), 0, 0) + question
        for row in found:
            data = rdata(row[1], row[2])
            answer += b"\xc0\x0c" + struct.pack("!HHIH", kind, 1, 60, len(data)) + data
        s.sendto(answer, peer)


main()
