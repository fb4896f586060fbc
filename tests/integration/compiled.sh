#!/bin/sh
# Compiled policies through the tool: the same answers as their source, where
# they are written, what is refused and what is only told.
. "$(dirname "$0")/lib.sh"
need dd cmp

hash=$(echo secret | "$ROLEAUTH" hash --stdin --crypt)
# What was said but for the warning that a script cannot be run, which only
# who reads the source gets.
said() {
    printf '%s' "$err" | grep -v '\.script: warning: a script'
}
cat >roles.json <<EOT
[{"name": "off", "disabled": 1},
 {"name": "dba", "rorder": 5, "varmatch": {"user": ["alice", "b*"],
  "command": "/usr/bin/psql*"}, "message": "Hello %user%.",
  "variables": {"runuser": "postgres"}, "auth": [
   {"method": "getstringpasswd", "passwd": "$hash", "tries": 1}]},
 {"name": "never", "rorder": -1, "action": "R", "message": "No.",
  "varmatch": {"user": "mallory"}},
 {"name": "scripted", "rorder": 6, "script": "x", "varmatch": {"user": "s?"}},
 {"name": "undefined", "rorder": 7, "varmatch": {"user": "u"},
  "message": "%nosuch%"},
 {"name": "rest", "rorder": 9, "varmatch": {"user": "[!z]*"}}]
EOT

run compile -f roles.json -o policy
is "compile" "$status$out$(said)" 0
is "its mode" "$(stat -c %a policy)" 600
run compile --verify policy
is "it is whole" "$status$out$err" 0

# ---- the same answers ------------------------------------------------------
# both COMMAND OPTION...: with each of the two as roles.
both() {
    command=$1
    shift
    run "$command" -f roles.json "$@"
    first="$status|$out|$(said)"
    run "$command" -f policy "$@"
    is "$command $*" "$status|$out|$(said)" "$first"
}
for user in alice bob mallory s1 u zoe root; do
    for program in /usr/bin/psql /bin/sh; do
        both match -D "user=$user" -D "command=$program"
        both match -D "user=$user" -D "command=$program" --explain --json
        both match -D "user=$user" --explain
        both eval -D "user=$user" -D "command=$program" -n --log none
    done
done
for name in off dba never scripted nosuch; do
    both match -r "$name"
done
both export
# evaluate FILE ANSWER: everything but the id and the time.
evaluate() {
    type_to "$2" -f "$1" -D user=alice -D command=/usr/bin/psql
    printf '%s|%s|%s|%s' "$status" "$out" "$(said)" "$event" |
        sed 's/"time":"[^"]*"/T/; s/"id":"[^"]*"/I/'
}
for answer in secret wrong; do
    is "eval, $answer" "$(evaluate policy $answer)" \
        "$(evaluate roles.json $answer)"
done
type_to secret -f policy -D user=bob -D command=/usr/bin/psql
outcome "a compiled policy decides" 0 accept ok
has "its variables" "$out" '"runuser":"postgres"'
run lint policy
is "lint takes it" "$status$out" 0

# A compiled policy can be compiled, which gives the same bytes.
run compile -f policy -o again
is "compile what is compiled" "$status$out$err" 0
cmp -s policy again || bad "it is another file"
run compile -f policy -o policy
is "over itself" "$status$out$err" 0
cmp -s policy again || bad "over itself, it is another file"

# ---- the source ------------------------------------------------------------
touch -d '+1 minute' roles.json
type_to secret -f policy -D user=bob -D command=/usr/bin/psql
outcome "a newer source" 0 accept ok
has "a newer source is told" "$err" \
    "$(realpath roles.json) has changed since it was compiled"
run match -f policy -D user=bob
is "match, with a newer source" "$status$out" 0rest
has "match tells it" "$err" "warning"
run lint --json policy
has "lint tells it" "$out" '"code":"stale"'
mv roles.json elsewhere.json
run match -f policy -D user=bob
is "without its source" "$status$out$err" 0rest
mv elsewhere.json roles.json
run compile -f roles.json -o policy
run match -f policy -D user=bob
is "compiled anew" "$status$out$err" 0rest
ln -s roles.json link.json
mkdir below
(cd below && "$ROLEAUTH" compile -f ../link.json -o ../policy 2>/dev/null)
touch -d '+2 minutes' roles.json
run match -f policy -D user=bob
has "through a link, by a relative path" "$err" "/roles.json has changed"
run compile -f roles.json -o policy

if run import -f roles.json -d roles.db && [ "$status" = 0 ]; then
    run compile -d roles.db -o database.policy
    is "compile a database" "$status$out$(said)" 0
    run match -f database.policy -D user=mallory
    is "the database, compiled" "$status$out$err" 0never
    touch -d '+1 minute' roles.db
    run match -f database.policy -D user=mallory
    is "a newer database" "$status$out" 0never
    has "a newer database is told" "$err" "roles.db has changed"
    run compile -d roles.db -o database.policy
    # What was written last may still be in the journal alone.
    echo x >roles.db-wal
    touch -d '+2 minutes' roles.db-wal
    run match -f database.policy -D user=mallory
    has "a newer journal" "$err" "roles.db has changed"
    rm roles.db-wal
fi

# ---- damaged files ---------------------------------------------------------
size=$(stat -c %s policy)
# spoil OFFSET: another byte there, in a copy.
spoil() {
    for byte in x y; do
        cp policy spoilt
        printf '%s' $byte | dd of=spoilt bs=1 seek="$1" conv=notrunc 2>.dd
        cmp -s policy spoilt || return
    done
}
# refused WHAT COMMAND...: exit status 2, with a reason that names the file.
refused() {
    what=$1
    shift
    run "$@"
    is "$what: $1: exit status" "$status" 2
    is "$what: $1: no result" "$out" ""
    has "$what: $1: the file" "$err" spoilt
    is "$what: $1: one line" "$(wc -l <.err)" 1
}
# unusable WHAT REASON: whatever wants to use the file.
unusable() {
    refused "$1" eval -n --log "$work/events" -f spoilt -D user=bob
    has "$1: why" "$err" "$2"
    refused "$1" match -f spoilt -D user=bob
    refused "$1" export -f spoilt
    refused "$1" compile -f spoilt -o from-spoilt
    refused "$1" compile --verify spoilt
    has "$1: why" "$err" "$2"
}
: >events
for offset in 24 32 200 1000; do
    spoil $offset
    unusable "byte $offset of the header" "compile it again"
done
spoil 20
unusable "another version" "another version"
for length in 16 100 1023 1024 1040 $((size / 2)) $((size - 1)); do
    head -c "$length" policy >spoilt
    unusable "cut to $length" "compile it again"
done
{ cat policy && echo; } >spoilt
unusable "something added" "compile it again"
is "no event, nothing evaluated" "$(cat events)" ""
[ ! -e from-spoilt ] || bad "something was compiled from a damaged file"
for offset in 1024 1100 $((size / 2)) $((size - 2)); do
    spoil "$offset"
    refused "byte $offset" compile --verify spoilt
    # Nor is it given a new checksum.
    run compile -f spoilt -o from-spoilt
    is "byte $offset: compiled again" "$status" 2
    [ ! -e from-spoilt ] || bad "byte $offset: a damaged file was sealed"
    # Whatever it says, it ends, and not by a signal.
    run match -f spoilt -D user=bob
    case $status in
    0 | 1 | 2 | 3) ok ;;
    *) bad "byte $offset: match ends with $status" ;;
    esac
done
run compile --verify roles.json
is "no compiled policy: exit status" "$status" 2
has "no compiled policy" "$err" "no compiled policy"
run compile --verify nosuch
is "no file" "$status" 2

# ---- who could have written it ---------------------------------------------
chmod 602 policy
: >events
run eval -n --log "$work/events" -f policy -D user=bob
is "a policy that others can write: eval" "$status" 2
has "it says the mend" "$err" "chmod go-w"
is "nothing was evaluated" "$(cat events)" ""
run match -f policy -D user=bob
is "a policy that others can write: match" "$status$out" 0rest
has "match warns" "$err" "warning"
run compile -f policy -o again
is "a policy that others can write: compile" "$status" 2
run compile --verify policy
is "a policy that others can write: verify" "$status" 0
chmod 600 policy
mkdir open
chmod 777 open
run compile -f roles.json -o open/policy
is "into a directory of others: exit status" "$status" 2
has "into a directory of others" "$err" "chmod go-w"
is "nothing was written" "$(ls -A open)" ""
cp policy open/policy
run eval -n --log none -f open/policy -D user=bob
is "from a directory of others" "$status" 2
chmod 755 open
run compile -f roles.json -o open/policy
is "once it is closed" "$status$out$(said)" 0

# ---- what is replaced, and what is not -------------------------------------
chmod 644 policy
run compile -f roles.json -o policy
is "the mode stays" "$(stat -c %a policy)" 644
chmod 666 policy
run compile -f roles.json -o policy
is "but others may not write" "$(stat -c %a policy)" 644
chmod 600 policy
mkfifo fifo
ln -s policy link
ln -s nowhere dangling
for output in open/ open . fifo link dangling nosuch/policy policy/x ''; do
    run compile -f roles.json -o "$output"
    is "to \"$output\"" "$status" 2
    [ -n "$err" ] || bad "to \"$output\": nothing is said"
done
run compile -f roles.json -o /dev/null
is "to a device" "$status" 2
[ -c /dev/null ] || bad "/dev/null is gone"
is "nothing was replaced" "$(stat -c %F fifo link dangling | sort -u)" \
    "fifo
symbolic link"
run compile -f roles.json -o roles.json
is "over its source: exit status" "$status" 2
has "over its source" "$err" "read from"
run match -f link -D user=bob
is "a link can be read" "$status$out$err" 0rest
is "nothing is left behind" "$(find . -name '.roleauth-compile-*')" ""

# ---- while it is written ---------------------------------------------------
many() {
    printf '['
    i=0
    while [ $i -lt 2000 ]; do
        printf '{"name":"role %d","varmatch":{"user":"user%d"}},' $i $i
        i=$((i + 1))
    done
    printf '{"name":"%s"}]' "$1"
}
many one >one.json
many two >two.json
"$ROLEAUTH" compile -f one.json -o shared
for writer in one two; do
    (
        for _ in 1 2 3 4 5 6 7 8; do
            "$ROLEAUTH" compile -f $writer.json -o shared || echo failed
        done
    ) >said.$writer 2>&1 &
done
others=0
for _ in 1 2 3 4 5 6 7 8 9 10 11 12; do
    run compile --verify shared
    [ "$status" = 0 ] || others=$((others + 1))
    run match -f shared
    case $status$out in
    0one | 0two) ;;
    *) others=$((others + 1)) ;;
    esac
done
wait
is "two writers and a reader" "$others$(cat said.one said.two)" 0
is "nothing is left behind" "$(find . -name '.roleauth-compile-*')" ""
# One that is killed leaves the old file.
"$ROLEAUTH" compile -f one.json -o shared
for delay in 0.01 0.02 0.03 0.05 0.08; do
    "$ROLEAUTH" compile -f two.json -o shared 2>/dev/null &
    sleep $delay
    kill -9 $! 2>/dev/null
    wait $! 2>/dev/null
    run compile --verify shared
    is "killed after $delay s" "$status" 0
done

if [ "$(id -u)" = 0 ] && unshare -m true 2>/dev/null; then
    mkdir disk
    # A file system that nobody else sees.
    cat >on-disk.sh <<'EOT'
mount -t tmpfs -o size=64k,mode=0700 none disk || exit 77
"$ROLEAUTH" compile -f roles.json -o disk/policy || exit 1
before=$(cksum <disk/policy)
"$ROLEAUTH" compile -f one.json -o disk/policy
echo "status $?"
[ "$(cksum <disk/policy)" = "$before" ] && echo the old one
"$ROLEAUTH" match -f disk/policy -D user=bob
ls -A disk
EOT
    export ROLEAUTH
    told=$(unshare -m sh on-disk.sh 2>&1)
    case $? in
    77) echo "not run: nothing can be mounted here" ;;
    *)
        has "a full disk" "$told" "disk/policy: No space left on device"
        is "a full disk leaves the old file" "$(echo "$told" | tail -n 4)" \
            "status 2
the old one
rest
policy"
        ;;
    esac
else
    echo "not run: a full disk needs root, and a mount namespace of its own"
fi

done_testing
