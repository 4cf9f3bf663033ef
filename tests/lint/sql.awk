# sql.awk - SQL text stands only in queue/ and fulfill/domain/ (and in the tests).
#
# The verbs are looked for in upper case and with what follows them in SQL, so that an IMAP
# command or an English sentence is not taken for a statement.
#
# usage: awk -f strip.awk -f sql.awk FILE...

FILENAME ~ /^(queue|fulfill\/domain|tests)\// {
	nextfile
}

{
	strip($0)
	if (Text ~ /(^|[^A-Za-z])(SELECT [a-z0-9(*$]|INSERT (INTO|OR) |UPDATE [a-z_]+( |$)|DELETE FROM |CREATE (TABLE|INDEX|UNIQUE) |PRAGMA [a-z])/)
		complain("SQL text outside queue/ and fulfill/domain/")
}
