#!/bin/sh
# SPDX-License-Identifier: MIT
# Makes the seeds of fuzz_database: small databases, by the sqlite3 shell.
#   sh tests/fuzz/database_seeds.sh
set -eu
cd "$(dirname "$0")/corpus"
mkdir -p database
cd database

# seed NAME: standard input is what the shell is told.
seed() {
    rm -f "$1"
    { echo 'PRAGMA page_size = 512;'; cat; } | sqlite3 "$1" >/dev/null
}

seed whole <<'SQL'
CREATE TABLE role(id INTEGER PRIMARY KEY, name TEXT, rorder INTEGER,
 disabled INTEGER, action TEXT, message TEXT, variables TEXT, varmatch TEXT,
 auth TEXT, rpt INTEGER DEFAULT 1);
INSERT INTO role VALUES(1,'a',5,0,'A','Hi %user%','{"v":"1"}','{"user":"a*"}',
 '[{"method":"getuserpasswd","user":"%user%","fname":"f","period":9}]',1);
INSERT INTO role(name,varmatch,action) VALUES('b','{"user":["b","[c"]}','R');
SQL
seed restricted <<'SQL'
CREATE TABLE role(id INTEGER PRIMARY KEY, name TEXT, script TEXT);
CREATE TABLE roleusers(id, users, type);
INSERT INTO role VALUES(-3,'a',NULL),(7,'b','s');
INSERT INTO roleusers VALUES(7,1,'S'),(-3,2,'R');
SQL
seed odd <<'SQL'
CREATE TABLE role(name PRIMARY KEY, rorder, auth, extra) WITHOUT ROWID;
SQL
seed types <<'SQL'
CREATE TABLE role(id, name, rorder, varmatch, auth, extra);
INSERT INTO role VALUES('x',x'00ff',1.5,'{',CAST(x'c328' AS TEXT),1),
 (NULL,'n',NULL,'[]','x',NULL),(3,NULL,9223372036854775807,'{}','[]',NULL);
SQL
seed view <<'SQL'
CREATE TABLE r(name);
CREATE VIEW role AS SELECT name FROM r;
SQL
: >empty
