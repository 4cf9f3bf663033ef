#!/usr/bin/python3
"""smtp_keep.py PORT FOLDER - an SMTP server that keeps each message as FOLDER/N.eml, with its
envelope on top as Return-Path and Delivered-To, as a final delivery does (RFC 5321 4.4).  It
refuses us as a sender for policy.example, and notes the recipients in FOLDER/refused.  The first
mail to each address of cut.example is kept, and the line is cut instead of an answer."""
import asyncio
import os
import sys

count = 0
cut = set()


async def session(reader, writer):
    global count

    def say(text):
        writer.write(text.encode() + b"\r\n")

    sender, rcpt, parameters = "", [], []
    say("220 keep.example ESMTP")
    while line := await reader.readline():
        words = line.decode("utf-8", "replace").strip()
        verb = words[:4].upper()
        if verb == "EHLO":
            say("250-keep.example")
            say("250-8BITMIME")
            say("250-DSN")
            say("250 SMTPUTF8")
        elif verb == "MAIL":
            sender = words[words.index("<") + 1 : words.index(">")]
            parameters = [words]
            say("250 ok")
        elif verb == "RCPT":
            parameters.append(words)
            address = words[words.index("<") + 1 : words.index(">")]
            if address.endswith("@policy.example"):
                with open(os.path.join(sys.argv[2], "refused"), "a") as out:
                    out.write(address + "\n")
                say("550 5.7.26 this mail is unauthenticated")
            else:
                rcpt.append(address)
                say("250 ok")
        elif verb == "DATA":
            say("354 go")
            lines = []
            while (line := await reader.readline()) not in (b".\r\n", b""):
                lines.append(line[1:] if line.startswith(b"..") else line)
            count += 1
            path = os.path.join(sys.argv[2], f"{count:03d}.eml")
            with open(path + ".tmp", "wb") as out:
                out.write(f"Return-Path: <{sender}>\r\n".encode())
                out.writelines(f"X-Envelope: {p}\r\n".encode() for p in parameters)
                out.writelines(f"Delivered-To: {r}\r\n".encode() for r in rcpt)
                out.writelines(lines)
            os.rename(path + ".tmp", path)
            fresh = [r for r in rcpt if r.endswith("@cut.example") and r not in cut]
            cut.update(fresh)
            rcpt = []
            if fresh:
                break
            say("250 kept")
        elif verb == "QUIT":
            say("221 bye")
            break
        else:
            say("250 ok")
        await writer.drain()
    writer.close()


async def main():
    server = await asyncio.start_server(session, "127.0.0.1", int(sys.argv[1]))
    async with server:
        await server.serve_forever()


asyncio.run(main())
