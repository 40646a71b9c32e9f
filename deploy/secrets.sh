#!/bin/sh
# Makes the secrets of an office that are not there yet: a password for each role of the database, as libpq reads it, and the
# key that signs the ledger. Nothing that is there is changed. Usage: secrets.sh [FOLDER]
set -eu
umask 077
folder=${1:-$(dirname "$0")/secrets}
mkdir -p "$folder"
for secret in owner:clearinghouse app:clearinghouse_app signer:clearinghouse_signer; do
    file=$folder/${secret%%:*}
    password=$(openssl rand -hex 32)
    [ -e "$file" ] || printf '*:*:*:%s:%s\n' "${secret#*:}" "$password" > "$file"
done
[ -e "$folder/superuser" ] || sed 's/.*://' "$folder/owner" > "$folder/superuser"
[ -e "$folder/signing.key" ] || openssl genpkey -algorithm ed25519 -out "$folder/signing.key"
openssl pkey -in "$folder/signing.key" -pubout -out "$folder/signing.key.pub"
chmod 644 "$folder/signing.key.pub"
# In the containers they are read by the image's user.
[ "$(id -u)" != 0 ] || chown 10001 "$folder/owner" "$folder/app" "$folder/signer" "$folder/signing.key"
