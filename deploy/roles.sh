#!/bin/sh
# Makes the roles of the application and of the signer when the database is new; set their passwords with \password.
set -eu
psql --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" --set ON_ERROR_STOP=1 <<'SQL'
CREATE ROLE clearinghouse_app LOGIN;
CREATE ROLE clearinghouse_signer LOGIN;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
SQL
