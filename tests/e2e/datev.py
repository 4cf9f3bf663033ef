#!/usr/bin/python3
"""datev.py FILE - is this a posting batch as the DATEV format describes it?

Written from the published description of the format (EXTF, version 700, category 21, format
version 13), not from our writer.  Prints what is wrong, a line each, and nothing when all is well.
"""
import datetime
import re
import sys

# Columns of the batch, counted from 1, with the pattern of the description; all others must be empty
# here or fit the rule for their kind.
FIELDS = {
    1: ("Umsatz", r"\d{1,10},\d{2}", True),
    2: ("Soll/Haben", r'"[SH]"', True),
    3: ("WKZ", r'"[A-Z]{3}"', False),
    7: ("Konto", r"\d{1,9}", True),
    8: ("Gegenkonto", r"\d{1,9}", True),
    9: ("BU-Schlüssel", r'"\d{1,4}"', False),
    10: ("Belegdatum", r"(0[1-9]|[12]\d|3[01])(0[1-9]|1[0-2])", True),
    11: ("Belegfeld 1", r'"[A-Za-z0-9$&%*+\-/]{0,36}"', False),
    14: ("Buchungstext", r'"([^"]|""){0,60}"', False),
    114: ("Festschreibung", r"[01]", False),
    115: ("Leistungsdatum", r"(0[1-9]|[12]\d|3[01])(0[1-9]|1[0-2])\d{4}", False),
}
# The header, counted from 1.
HEADER = {
    1: r'"EXTF"', 2: r"700", 3: r"21", 4: r'"Buchungsstapel"', 5: r"13", 6: r"20\d{15}", 7: r"",
    8: r'("[A-Z]{0,2}")?', 9: r'("[^"]{0,25}")?', 10: r'("")?', 11: r"\d{4,7}", 12: r"\d{1,5}",
    13: r"20\d{6}", 14: r"[4-8]", 15: r"20\d{6}", 16: r"20\d{6}", 17: r'("[^"]{0,30}")?',
    18: r'("[A-Z]{0,2}")?', 19: r"[12]?", 20: r"0?", 21: r"[01]?", 22: r'("[A-Z]{3}")?',
}


def split(line):
    """Fields as they stand, quotes and all; None when the quoting is broken."""
    fields, at = [], 0
    while True:
        found = re.compile(r'"(?:[^"]|"")*"|[^";]*').match(line, at)
        fields.append(found.group())
        at = found.end()
        if at == len(line):
            return fields
        if line[at] != ";":
            return None
        at += 1


def day(text):
    return datetime.datetime.strptime(text, "%Y%m%d").date()


def check(data):
    if data[:3] == b"\xef\xbb\xbf":
        yield "a byte order mark: this is not CP1252"
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError as e:
        yield "not CP1252: %s" % e
        return
    if "\xc3" in text:
        yield "looks like UTF-8 read as CP1252"
    if not text.endswith("\r\n") or re.search(r"(?<!\r)\n|\r(?!\n)", text):
        yield "lines must end with CR LF, all of them"
    if re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", text):
        yield "control characters"
    lines = text[:-2].split("\r\n")
    if len(lines) < 2:
        yield "no header and headings"
        return
    rows = [split(line) for line in lines]
    for n, row in enumerate(rows, 1):
        if row is None:
            yield "line %d: the quoting is broken" % n
    if None in rows:
        return
    header, headings, postings = rows[0], rows[1], rows[2:]
    if len(header) not in (30, 31):
        yield "the header has %d fields, not 31" % len(header)
    for n, pattern in HEADER.items():
        if n <= len(header) and not re.fullmatch(pattern, header[n - 1]):
            yield "header field %d is %s" % (n, header[n - 1])
    try:
        year, first, last = day(header[12]), day(header[14]), day(header[15])
    except (ValueError, IndexError):
        yield "the header's days are none"
        return
    digits = int(header[13])
    if not year <= first <= last or (last - year).days > 365:
        yield "the period %s to %s is not in the fiscal year from %s" % (first, last, year)
    if len(headings) != 125:
        yield "%d headings, not 125" % len(headings)
    if not postings:
        yield "no postings"
    for n, row in enumerate(postings, 3):
        if len(row) != len(headings):
            yield "line %d has %d fields, not %d" % (n, len(row), len(headings))
            continue
        for column, value in enumerate(row, 1):
            name, pattern, needed = FIELDS.get(column, ("field %d" % column, r'("")?', False))
            if (needed or value) and not re.fullmatch(pattern, value):
                yield "line %d: %s is %s" % (n, name, value)
        if row[0].strip("0,") == "":
            yield "line %d: an amount of nothing" % n
        accounts = sorted((row[6], row[7]), key=len)
        if [len(a) for a in accounts] != [digits, digits + 1]:
            yield "line %d: a ledger account has %d digits, a person's one more" % (n, digits)
        try:
            when = datetime.date(first.year, int(row[9][2:]), int(row[9][:2]))
            if not first <= when <= last:
                yield "line %d: %s is not in the period" % (n, row[9])
        except ValueError:
            yield "line %d: %s is no day" % (n, row[9])


if __name__ == "__main__":
    with open(sys.argv[1], "rb") as f:
        for problem in check(f.read()):
            print(problem)
