#!/bin/sh
# make_certs.sh FOLDER - a CA and server certificates, good and bad, for tests of TLS.
#
#   ca.pem            the CA that tests trust
#   good.pem/.key     localhost and 127.0.0.1
#   wrong-name        another.example
#   expired           was good until 2021
#   unknown-ca        right name, signed by a CA nobody trusts
set -eu
cd "$1"
exec 2>openssl.log

key() {
	openssl ecparam -name prime256v1 -genkey -noout -out "$1"
}

# ca NAME SUBJECT
ca() {
	key "$1.key"
	openssl req -x509 -new -key "$1.key" -days 3650 -subj "/CN=$2" -out "$1.pem"
	: >"$1.index"
	echo 01 >"$1.serial"
	cat >"$1.cnf" <<END
[ca]
default_ca = here
[here]
database = $1.index
serial = $1.serial
new_certs_dir = .
certificate = $1.pem
private_key = $1.key
default_md = sha256
policy = any
copy_extensions = copy
[any]
commonName = supplied
END
}

# server NAME CA SAN FROM UNTIL
server() {
	key "$1.key"
	openssl req -new -key "$1.key" -subj "/CN=test server $1" \
	    -addext "subjectAltName=$3" -out "$1.csr"
	openssl ca -batch -config "$2.cnf" -notext -startdate "$4" -enddate "$5" \
	    -in "$1.csr" -out "$1.pem" >/dev/null
}

here=DNS:localhost,IP:127.0.0.1
ca ca 'test CA'
ca stranger 'a CA nobody trusts'
server good ca $here 20200101000000Z 20491231000000Z
server wrong-name ca DNS:another.example 20200101000000Z 20491231000000Z
server expired ca $here 20200101000000Z 20210101000000Z
server unknown-ca stranger $here 20200101000000Z 20491231000000Z
