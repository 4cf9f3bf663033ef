#!/usr/bin/python3
"""fill.py STORE N - a month with N licences in a SQLite store: yearly subscriptions of one
reseller, sold in April 2027.  Only for measuring reports; no tickets are made."""
import sqlite3
import sys

store, n = sys.argv[1], int(sys.argv[2])
db = sqlite3.connect(store)
party = db.execute("SELECT id FROM party WHERE code = 'R-100'").fetchone()[0]
product = db.execute("SELECT id FROM product WHERE sku = 'CAD-SUB'").fetchone()[0]
order = db.execute(
    "INSERT INTO orders (source, number, party_id, ordered_day, deliver_by, deliver_to, state,"
    " content_hash, received_at) VALUES ('bench', 'B-1', ?, '2027-04-10', 'portal', 'party',"
    " 'issued', x'00', 1) RETURNING id", (party,)).fetchone()[0]
line = db.execute(
    "INSERT INTO order_line (order_id, line, product_id, quantity, state)"
    " VALUES (?, '1', ?, 1, 'issued') RETURNING id", (order, product)).fetchone()[0]
at = 1807344000 * 1000000  # 2027-04-10
db.executemany(
    "INSERT INTO licence (order_line_id, seq, quantity, product_id, party_id, first_day, last_day,"
    " created_at) VALUES (?, ?, 1, ?, ?, '2027-04-10', '2028-04-09', ?)",
    ((line, i, product, party, at + i) for i in range(1, n + 1)))
db.execute(
    "INSERT INTO sale_event (kind, licence_id, k, party_id, product_id, quantity, day, first_day,"
    " last_day, period_first_day, period_last_day, price_minor, amount_minor, currency, at)"
    " SELECT 'sold', id, 1, party_id, product_id, 1, first_day, first_day, last_day, first_day,"
    " last_day, 49900, 49900, 'EUR', created_at FROM licence WHERE order_line_id = ?", (line,))
db.commit()
