#!/bin/sh
# Makes the roles of the application and of the signer, and gives them the passwords in FOLDER/app and FOLDER/signer, also
# when they have others. Usage: roles.sh ADDRESS FOLDER, with the address of a role that may make roles.
set -eu
statements=$(
    for name in app signer; do
        role=clearinghouse_$name
        password=$(sed 's/.*://' "$2/$name")
        case $password in
        '' | *[!0-9a-f]*) echo "$2/$name does not end in a password of hexadecimal digits" >&2 && exit 1 ;;
        esac
        echo "SELECT 'CREATE ROLE $role' WHERE to_regrole('$role') IS NULL \\gexec"
        echo "ALTER ROLE $role LOGIN PASSWORD '$password';"
    done
    echo "REVOKE CREATE ON SCHEMA public FROM PUBLIC;"
)
echo "$statements" | psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --dbname "$1"
