#!/bin/sh
# Roles in an SQLite database, made by its own shell: what works, what is
# refused and how that is told, and the way in and out.
. "$(dirname "$0")/lib.sh"
need sqlite3

abc='ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0='
schema="
CREATE TABLE role(id INTEGER PRIMARY KEY, name TEXT UNIQUE, rorder INTEGER,
    description TEXT, disabled INTEGER CHECK(disabled BETWEEN 0 AND 1),
    risk INTEGER CHECK(risk >= 0), action CHAR(1) CHECK(action IN ('A','R')),
    iolog TEXT, script TEXT, tag TEXT, comment TEXT, message TEXT,
    variables TEXT, varmatch TEXT, auth TEXT, rpt INTEGER DEFAULT 1);
CREATE TABLE roleusers(id REFERENCES role(id), users REFERENCES usergrp(id),
    type CHAR(1) CHECK(type IN ('S','R')), PRIMARY KEY(id,users,type));
CREATE TABLE rolehosts(id REFERENCES role(id), hosts,
    type CHAR(1) CHECK(type IN ('S','R')), PRIMARY KEY(id,hosts,type));
CREATE TABLE rolecmds(id REFERENCES role(id), cmds, PRIMARY KEY(id,cmds));
CREATE TABLE roletmdates(id REFERENCES role(id), tmdates,
    PRIMARY KEY(id,tmdates));"
roles="
INSERT INTO role(id, name, rorder, varmatch, auth, message, variables) VALUES
    (5, 'ask', 20,
     '{\"varmatch\":{\"user\":\"al*\",\"pbclientmode\":[\"run\",\"pbssh\"]}}',
     '[{\"method\":\"getstringpasswd\",\"passwd\":\"$abc\",\"tries\":1,
        \"rejectMessage\":\"no\"}]',
     'Hello %user%', '{\"runconfirmuser\":\"%user%\"}');
INSERT INTO role(id, name, rorder, varmatch) VALUES
    (9, 'tied later', 30, '{\"user\":\"bob\"}'),
    (7, 'tied first', 30, '{\"user\":\"bob\"}'),
    (-1, 'early', -5, '{\"user\":\"carol\"}'),
    (11, 'guest', 90, '{\"user\":\"guest\"}');
INSERT INTO role(id, name, rorder, action, varmatch) VALUES
    (3, 'refuse', 10, 'R', '{\"user\":\"mallory\"}');
INSERT INTO role(id, name, disabled, rorder) VALUES (4, 'off', 1, -90);"

# make DB SQL...: a database that others cannot write.
make() {
    db=$1
    shift
    rm -f "$db" "$db"-journal "$db"-wal "$db"-shm
    for sql in "$@"; do
        printf '%s\n' "$sql" | sqlite3 -bail "$db" >.sqlite 2>&1 || {
            bad "sqlite3: $(cat .sqlite)"
            return 1
        }
    done
    chmod 600 "$db"
}
sql() { sqlite3 "$1" "$2"; }

# refused WHAT STATUS TEXT: eval, match and lint of $db say it.
refused() {
    for command in "eval -n --log none" match; do
        # shellcheck disable=SC2086
        run $command -d "$db" -D user=alice
        is "$1: $command: exit status" "$status" "$2"
        has "$1: $command" "$err" "$3"
        is "$1: $command: nothing on standard output" "$out" ""
    done
    run lint -d "$db"
    is "$1: lint: exit status" "$status" "$2"
    has "$1: lint" "$out$err" "$3"
}

# ---- the reference's schema -------------------------------------------------
make roles.db "$schema" "$roles"
before=$(sha256sum roles.db)
match() { # USER ROLE
    run match -d roles.db -D user="$1" -D pbclientmode=run
    is "match $1" "$out" "$2"
}
match alice ask
match bob 'tied first'
match carol early
run match --json -d roles.db -D user=nobody
is "nobody matches" "$out" '{"role":null}'
is "nobody matches: exit status" "$status" 1
type_to abc -d roles.db -D user=alice -D pbclientmode=pbssh -D submithost=h
outcome "right password" 0 accept ok
has "variables of the column" "$out" '"runconfirmuser":"alice"'
has "message of the column" "$out" '"message":"Hello alice"'
type_to wrong -d roles.db -D user=alice -D pbclientmode=run -D submithost=h
outcome "wrong password" 1 reject wrong-password
has "rejectMessage in the JSON of a column" "$out" '"reject_message":"no"'
type_to '' -d roles.db -D user=mallory -D submithost=h
outcome "action R" 1 reject role-action
type_to '' -d roles.db -r off -D user=alice -D submithost=h
outcome "a disabled role" 1 reject no-matching-role
run lint -d roles.db
is "lint: exit status" "$status" 0
is "lint: no error" "$(printf '%s' "$out" | grep -v warning)" ""
has "lint: the place" "$out" 'roles.db: role[5].auth[0].passwd: warning:'
run lint --json -d roles.db
has "lint --json" "$out" '"path":"role[5].auth[0].passwd"'
# What a file shows of itself is enough.
run match -f roles.db -D user=carol
is "match -f" "$out" early
is "nothing was changed" "$(sha256sum roles.db)" "$before"
is "nothing is left beside it" "$(echo roles.db*)" roles.db

# ---- restrictions -----------------------------------------------------------
make roles.db "$schema" "$roles" "
INSERT INTO roleusers VALUES (5, 'admins', 'S');
INSERT INTO rolehosts VALUES (7, 'web1', 'R');
INSERT INTO rolecmds VALUES (7, 'ls'); INSERT INTO roletmdates VALUES (11, 1);"
for user in alice bob guest; do
    run match -d roles.db -D user=$user -D pbclientmode=run
    is "$user meets a barrier" "$status" 3
    has "$user is told" "$err" "cannot be honoured"
done
run match -d roles.db -D user=carol
is "others do not" "$out" early
run match -d roles.db -D user=bob
has "tables are named" "$err" "the tables rolehosts and rolecmds restrict it"
type_to abc -d roles.db -D user=alice -D pbclientmode=run -D submithost=h
outcome "no password opens it" 3 error unavailable
has "the event says why" "$event" "the table roleusers restricts it"
run lint -d roles.db
is "lint of restrictions: exit status" "$status" 0
has "lint names the role" "$out" "role[11]: warning: the table roletmdates"
run export -d roles.db
is "export of restricted roles" "$status" 2
has "export says so" "$err" '(3 of them, the first is "ask")'
is "export prints nothing" "$out" ""

# ---- broken rows ------------------------------------------------------------
make roles.db "$schema" "ALTER TABLE role ADD COLUMN varmach;" "
INSERT INTO role(id, name, varmatch) VALUES (1, 'a', '{\"user\":5}');
INSERT INTO role(id, name, auth) VALUES (2, 'b', '[{\"method\":');
INSERT INTO role(id, rorder) VALUES (3, 'first');
INSERT INTO role(id, name, varmach) VALUES (4, 'd', '{}');
INSERT INTO role(id, name, tag) VALUES (-5, 'e', x'00');
INSERT INTO role(id, name, iolog) VALUES (6, CAST(x'FF' AS TEXT), 1.5);"
run lint -d roles.db
is "broken rows: lint" "$status" 1
for line in 'role[1].varmatch.user: found the number 5' \
    'role[2].auth[0]' 'role[3]: "name" is missing' \
    'role[3].rorder: found the string "first"' \
    'role[4].varmach: a role has no "varmach": did you mean "varmatch"?' \
    'role["-5"].tag: found a blob, expected a text' \
    'role[6].name: found a byte that is not UTF-8'; do
    has "broken rows" "$out" "roles.db: $line"
done
for command in "eval -n --log none" match; do
    # shellcheck disable=SC2086
    run $command -d roles.db -D user=alice
    is "broken rows: $command" "$status" 2
    has "broken rows: $command" "$err" "role[4].varmach"
done

# ---- wrong schemas, wrong files ---------------------------------------------
: >empty.db
db=empty.db
refused "an empty file" 2 'this database has no table "role"'
make other.db "CREATE TABLE other(a);"
refused "without the table" 2 'this database has no table "role"'
make other.db "CREATE TABLE role(id INTEGER PRIMARY KEY, label TEXT);"
refused "without a name" 2 'the table role has no column "name"'
make other.db "CREATE TABLE role(id, name); CREATE TABLE rolecmds(role, cmd);"
refused "a wrong link table" 2 'the table rolecmds has no column "id"'
make other.db "CREATE TABLE t(id, name); CREATE VIEW role AS SELECT * FROM t;"
refused "a view" 2 '"role" is a view'
db=text.db
echo '[{"name": "a"}]' >text.db
refused "no database" 2 'this is no SQLite database'
db=absent.db
refused "absent" 2 'No such file'
[ -e absent.db ] && bad "looking made a database"
mkdir directory.db
db=directory.db
refused "a directory" 2 'is not a regular file'
# Columns that are not there are NULL.
make few.db "CREATE TABLE role(name, varmatch);" \
    "INSERT INTO role VALUES ('b', '{\"user\":\"bob\"}'), ('all', NULL);"
run match -d few.db -D user=alice
is "few columns" "$out" all

# ---- damage -----------------------------------------------------------------
many="WITH RECURSIVE n(i) AS (SELECT 100 UNION ALL SELECT i + 1 FROM n
    WHERE i < 2000) INSERT INTO role(id, name, description)
    SELECT i, 'role ' || i, hex(zeroblob(50)) FROM n;"
make whole.db "$schema" "$roles" "$many"
db=damaged.db
# overwrite OFFSET COUNT
overwrite() {
    cp -p whole.db damaged.db
    tr '\0' '\245' </dev/zero | head -c "$2" |
        dd of=damaged.db bs=1 seek="$1" conv=notrunc 2>/dev/null
}
overwrite 4096 8
refused "a page overwritten" 2 "this database is damaged"
overwrite 49152 4096
refused "another page overwritten" 2 "this database is damaged"
overwrite 0 16
refused "the magic overwritten" 2 "this is no SQLite database"
overwrite 100 100
refused "the schema overwritten" 2 "this database is damaged"
for size in 4096 20480 50000; do
    cp -p whole.db damaged.db
    truncate -s $size damaged.db
    refused "cut to $size" 2 "this database is damaged"
done
cp -p whole.db damaged.db
truncate -s 50 damaged.db
refused "cut to 50" 2 "this database is damaged"

# ---- locked -----------------------------------------------------------------
# hold DB SQL: a shell that has run the SQL and waits.
hold() {
    mkfifo held ready
    sqlite3 "$1" <held >ready 2>&1 &
    holder=$!
    exec 9>held
    printf '%s\n.print ready\n' "$2" >&9
    read -r _ <ready
}
let_go() {
    exec 9>&-
    wait $holder
    rm -f held ready
}
make roles.db "$schema" "$roles"
db=roles.db
hold roles.db 'BEGIN EXCLUSIVE;'
refused "locked" 3 "this database is locked by another process: try again"
run import -f text.db -d roles.db
is "import into a locked one" "$status" 3
has "import into a locked one" "$err" "locked by another process"
let_go
run match -d roles.db -D user=carol
is "no longer locked" "$out" early
# A writer that has not got to its commit keeps nobody out.
hold roles.db "BEGIN IMMEDIATE; UPDATE role SET name = 'x' || name;"
run match -d roles.db -D user=carol
is "beside a writer" "$out" early
let_go

# ---- WAL: one moment, while others write ------------------------------------
# Each transaction renames all roles: a set of two moments would show.
make wal.db 'PRAGMA journal_mode = WAL;' "$schema" "$roles" "$many"
(
    i=0
    while [ ! -e stop ]; do
        i=$((i + 1))
        echo "BEGIN; UPDATE role SET description = 'moment $i'; COMMIT;"
    done
) | sqlite3 wal.db >writer 2>&1 &
writer=$!
changed=
last=
for round in 1 2 3 4 5 6 7 8; do
    run export -d wal.db
    is "beside a writer in WAL mode: exit status" "$status" 0
    moments=$(printf '%s\n' "$out" | sed -n 's/.*"description": //p' | sort -u)
    is "one moment" "$(printf '%s\n' "$moments" | wc -l)" 1
    [ "$moments" != "$last" ] && changed="$changed$round"
    last=$moments
done
: >stop
wait $writer
is "the writer had no trouble" "$(cat writer)" ""
[ ${#changed} -gt 1 ] && ok || bad "nobody wrote meanwhile"

# ---- an interrupted write ---------------------------------------------------
cp -p whole.db live.db
hold live.db "PRAGMA cache_size = 2; BEGIN IMMEDIATE;
    UPDATE role SET description = id || description, name = 'new ' || id;"
cp -p live.db torn.db && cp -p live.db-journal torn.db-journal
let_go
db=torn.db
refused "interrupted" 2 "a write to this database was interrupted"
sql torn.db .tables >/dev/null
run match -d torn.db -D user=carol
is "undone by its owner" "$out" early

# ---- trust ------------------------------------------------------------------
untrusted() { # WHAT TEXT
    run eval -n --log none -d roles.db -D user=carol -D submithost=h
    is "$1: eval refuses" "$status" 2
    has "$1: eval says why" "$err" "$2"
    run match -d roles.db -D user=carol
    is "$1: match answers" "$out" early
    has "$1: match warns" "$err" "warning"
    has "$1: match says why" "$err" "$2"
    run lint -d roles.db
    is "$1: lint" "$status" 0
    has "$1: lint warns" "$out" "$2"
    run import -f few.json -d roles.db
    is "$1: import refuses" "$status" 2
}
echo '[{"name": "added"}]' >few.json
make roles.db "$schema" "$roles"
chmod 666 roles.db
untrusted "others can write it" "roles.db has mode 0666"
chmod 600 roles.db
for suffix in journal wal shm; do
    : >roles.db-$suffix
    chmod 622 roles.db-$suffix
    untrusted "others can write its -$suffix" "roles.db-$suffix has mode 0622"
    rm roles.db-$suffix
done
if [ "$(id -u)" = 0 ]; then
    chmod 1777 .
    untrusted "others can make journals" "put a journal for the database into"
    chmod 700 .
fi
chmod 777 .
untrusted "others can replace it" "has mode 0777"
chmod 700 .
run eval -n --log none -d roles.db -D user=carol -D submithost=h
is "trusted again" "$status" 0

# ---- in and out -------------------------------------------------------------
cat >policy.json <<END
[{"name": "a", "rorder": 7, "id": 12, "risk": 3, "tag": "007", "rpt": 2,
  "varmatch": {"user": ["al*", "b?b"], "never": [], "year": "201[678]"},
  "auth": [{"method": "getuserpasswdpam", "user": "%user%", "service": "sudo",
            "fname": "/opt/x", "period": 600, "tries": 5, "prompt": "p%%",
            "message": "m", "rejectMessage": "r"}]},
 {"name": "b \u202e\"\\\\", "message": "100%% %user%", "disabled": 1,
  "variables": {"empty": "", "v": "%user%"}, "description": "d",
  "comment": "c", "iolog": "i"},
 {"name": "c", "action": "R", "script": "s", "rorder": -3},
 {"name": "d", "rorder": 7}]
END
run import -f policy.json -d new.db
is "import" "$status" 0
is "import: mode" "$(stat -c %a new.db)" 600
is "import: integrity" "$(sql new.db 'PRAGMA integrity_check')" ok
is "import: ids keep the order" "$(sql new.db \
    'SELECT group_concat(name) FROM (SELECT name FROM role
     WHERE rorder = 7 ORDER BY id)')" a,d
is "import: a role without rpt" "$(sql new.db \
    "SELECT rpt IS NULL FROM role WHERE name = 'd'")" 1
run export -d new.db
is "export" "$status" 0
printf '%s\n' "$out" >out.json
run export -f policy.json
# But for the ids, which a database needs.
is "export of both is the same" \
    "$(printf '%s\n' "$out" | grep -v '"id"')" "$(grep -v '"id"' out.json)"
run import -f out.json -d again.db
is "import of an export" "$status" 0
run export -d again.db
is "export, import, export" "$out" "$(cat out.json)"
is "dumps are the same" "$(sql again.db .dump)" "$(sql new.db .dump)"
run match -d again.db -D user=x
is "match after the round trip" "$status" 3 # c has a script

# nothing_changed WHAT TEXT IMPORT-OPTION...
nothing_changed() {
    what=$1
    text=$2
    shift 2
    before=$(sql new.db .dump)
    run import -d new.db "$@"
    is "$what: exit status" "$status" 2
    has "$what" "$err" "$text"
    is "$what: nothing changed" "$(sql new.db .dump)" "$before"
    is "$what: nothing is left" "$(echo new.db*)" new.db
}
nothing_changed "names that are taken" 'there is a role "a"' -f policy.json
echo '[{"name": "e"}, {"name": "f", "id": 12}]' >bad.json
nothing_changed "ids that are taken" 'the id 12 of the role "f"' -f bad.json
echo '[{"name": "e", "id": 99}, {"name": "f", "id": 98}]' >bad.json
nothing_changed "ids that would turn the order round" \
    'the role "e" (id 99) comes before "f" (id 98)' -f bad.json --replace
echo '[{"name": "e"}, {"name": "f", "risk": -1}]' >bad.json
nothing_changed "a constraint" 'the role "f" cannot be stored' -f bad.json \
    --replace
echo "[{\"method\": \"getstringpasswd\", \"passwd\": \"$abc\"}]" >bad.json
nothing_changed "an Auth array alone" 'has no name' -f bad.json
sql new.db "ALTER TABLE role DROP COLUMN script" 2>/dev/null &&
    nothing_changed "a column that is not there" \
        'the table role has no column "script"' -f policy.json --replace
run import -f bad.json -d absent.db
is "a failed import" "$status" 2
[ -e absent.db ] && bad "a failed import left a database"

make roles.db "$schema" "$roles" "INSERT INTO roleusers VALUES (5, 'a', 'S');"
run import -f few.json -d roles.db
is "import adds" "$status" 0
is "what was there stays" "$(sql roles.db 'SELECT count(*) FROM role')" 8
is "it stays restricted" "$(sql roles.db 'SELECT count(*) FROM roleusers')" 1
run import -f few.json -d roles.db --replace
is "import replaces" "$(sql roles.db 'SELECT group_concat(name) FROM role')" \
    added
is "restrictions go" "$(sql roles.db 'SELECT count(*) FROM roleusers')" 0
"$ROLEAUTH" export -d roles.db >/dev/full 2>.err
is "export to a full disk" "$?" 3
has "export to a full disk" "$(cat .err)" "No space left on device"

# ---- limits -----------------------------------------------------------------
make many.db "CREATE TABLE role(id INTEGER PRIMARY KEY, name);" \
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n
     WHERE i <= 2000000) INSERT INTO role(id) SELECT i FROM n;"
run match -d many.db -D user=x
is "2,000,001 roles" "$status" 2
has "2,000,001 roles" "$err" "found 2000001 roles, at most 2000000 are allowed"
rm -f many.db

# ---- what only root can try -------------------------------------------------
if [ "$(id -u)" = 0 ]; then
    make roles.db "$schema" "$roles"
    # The build may lie where only root can go.
    as_stranger() {
        : >.out && : >.err && chmod 666 .out .err
        setpriv --reuid 54321 --regid 54321 --clear-groups \
            "$work/tool/roleauth" "$@" >.out 2>.err
        status=$?
        out=$(cat .out)
        err=$(cat .err)
    }
    if command -v setpriv >/dev/null; then
        mkdir tool
        cp -L "$ROLEAUTH" tool/
        for library in $(ldd "$ROLEAUTH" | sed -n 's/.*=> \(.*\) (.*/\1/p'); do
            case $library in
            */libroleauth*) cp -L "$library" tool/ ;;
            esac
        done
        LD_LIBRARY_PATH=$work/tool
        export LD_LIBRARY_PATH
        chmod 755 . tool tool/*
        as_stranger match -d "$work/roles.db" -D user=carol
        is "not for a stranger to read" "$status" 2
        has "not for a stranger to read" "$err" "Permission denied"
        chmod 644 roles.db
        as_stranger match -d "$work/roles.db" -D user=carol
        is "a stranger reads" "$out" early
        as_stranger import -f "$work/few.json" -d "$work/roles.db"
        is "a stranger does not write" "$status" 2
        as_stranger import -f "$work/few.json" -d "$work/made.db"
        is "a stranger makes none" "$status" 2
        sql roles.db 'PRAGMA journal_mode = WAL' >/dev/null
        rm -f roles.db-wal roles.db-shm
        as_stranger match -d "$work/roles.db" -D user=carol
        is "journals that cannot be made" "$status" 2
        has "journals that cannot be made" "$err" "-wal or -shm) cannot be"
        unset LD_LIBRARY_PATH
        chmod 700 .
    fi

    mkdir disk
    if mount -t tmpfs -o size=128k,mode=700 none disk 2>/dev/null; then
        "$ROLEAUTH" export -d whole.db >whole.json 2>.err
        run import -f whole.json -d disk/new.db
        is "a full disk: exit status" "$status" 2
        has "a full disk" "$err" "there is no space left for the database"
        is "a full disk: nothing is left" "$(ls disk)" ""
        run import -f few.json -d disk/new.db
        before=$(sql disk/new.db .dump)
        run import -f whole.json -d disk/new.db --replace
        has "a full disk, again" "$err" "no space left"
        is "a full disk: nothing changed" "$(sql disk/new.db .dump)" "$before"
        umount disk
    fi
fi

done_testing
