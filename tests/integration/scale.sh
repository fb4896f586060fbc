#!/bin/sh
# A policy of a hundred thousand roles through the tool: selection, --explain,
# lint, compiled policies, the progress bar; and how the commands around them
# take their options.
. "$(dirname "$0")/lib.sh"
need awk expect dd

# ---- usage -----------------------------------------------------------------
echo '{"name": "open"}' >open.json
usage() { # WHY ARGUMENT...
    why=$1
    shift
    run "$@"
    is "$*: exit status" "$status" 2
    has "$*: why" "$err" "$why"
    has "$*: where to read" "$err" "--help"
    is "$*: nothing on standard output" "$out" ""
}
for command in eval match compile export; do
    usage "-f FILE or -d DB is missing" $command
    usage "exclude each other" $command -f open.json -d open.db
done
usage "FILE or -d DB is missing" lint
usage "exclude each other" lint -d open.db open.json
usage "exclude each other" lint open.json -d open.db
usage "-o FILE is missing" compile -f open.json
usage "stands alone" compile --verify open.policy -f open.json
usage "stands alone" compile --verify open.policy -o open.policy
usage "-f FILE is missing" import -d open.db
usage "-d DB is missing" import -f open.json
for number in 0 -1 2000001 some '' 1k; do
    usage "1 to 2000000, or all" match -f open.json --explain="$number"
done
for command in compile import export; do
    usage "an option is wrong" $command --nosuch
    usage "an argument too many" $command -f open.json too-many
done
is "nothing was made" "$(ls)" "open.json"

# ---- --explain -------------------------------------------------------------
cat >small.json <<'EOT'
[{"name": "off", "disabled": 1},
 {"name": "freeze", "varmatch": {"runuser": "root", "date": "1999/*"}},
 {"name": "night", "varmatch": {"runuser": ["root", "oper*"], "shift": "n"}},
 {"name": "ops\u0007", "varmatch": {"runuser": ["adm", "ro?t"], "user": "*"}},
 {"name": "rest"}]
EOT
explain() { # WHAT LINES OPTION...
    what=$1 lines=$2
    shift 2
    run match -f small.json -D user=alice "$@"
    is "$what" "$out" "$lines"
}
root_lines='off: disabled
freeze: date is "2026/11/23", which does not match "1999/*"
night: shift is undefined, it has to match "n"
ops\a: runuser is "root", which matches "ro?t"
ops\a: user is "alice", which matches "*"
ops\a'
root_options='-D runuser=root -D date=2026/11/23'
# shellcheck disable=SC2086
{
    explain "all roles before it" "$root_lines" $root_options --explain
    explain "asked for all" "$root_lines" $root_options --explain=all
    explain "as many as there are" "$root_lines" $root_options --explain=3
    explain "the nearest one" 'freeze: date is "2026/11/23", which does not match "1999/*" (1 of 2 variables match)
2 more roles are left out (see --explain=all)
ops\a: runuser is "root", which matches "ro?t"
ops\a: user is "alice", which matches "*"
ops\a' $root_options --explain=1
    explain "all but one" 'freeze: date is "2026/11/23", which does not match "1999/*" (1 of 2 variables match)
night: shift is undefined, it has to match "n" (1 of 2 variables match)
1 more role is left out (see --explain=all)
ops\a: runuser is "root", which matches "ro?t"
ops\a: user is "alice", which matches "*"
ops\a' $root_options --explain=2
    explain "without a reason" 'ops\a' $root_options
}
explain "a role for every request" 'off: disabled
freeze: runuser is undefined, it has to match "root"
night: runuser is undefined, it has to match "root | oper*"
ops\a: runuser is undefined, it has to match "adm | ro?t"
rest: has no varmatch: matches every request
rest' --explain
explain "a role asked for by name" 'night: asked for by name
night' -r night --explain

# The tool's own reader of JSON says whether something is JSON.
is_json() { # WHAT TEXT
    printf '%s\n' "$2" >.json
    "$ROLEAUTH" lint --json .json >.json.out 2>.json.err
    hasnt "$1: JSON" "$(cat .json.out)" '"syntax"'
    hasnt "$1: JSON" "$(cat .json.out)" '"duplicate-key"'
    has "$1: JSON" "$(cat .json.out)" '"errors":['
}
explain "for programs" '{"role":"ops\u0007","matches":[{"variable":"runuser","value":"root","pattern":"ro?t"},{"variable":"user","value":"alice","pattern":"*"}],"before":[{"role":"freeze","disabled":false,"variable":"date","value":"x","pattern":"1999/*","matched":1,"variables":2},{"role":"night","disabled":false,"variable":"shift","value":null,"pattern":"n","matched":1,"variables":2}],"left_out":1}' \
    -D runuser=root -D date=x --explain=2 --json
is_json "for programs" "$out"
explain "for programs, all" '{"role":"night","matches":[],"before":[],"left_out":0}' \
    -r night --explain --json
echo '[{"name": "off", "disabled": 1}, {"name": "only", "varmatch": {"x": "1"}}]' \
    >none.json
run match -f none.json --explain --json
is "for programs, no role" "$out" '{"role":null,"matches":[],"before":[{"role":"off","disabled":true,"variable":null,"value":null,"pattern":null,"matched":0,"variables":0},{"role":"only","disabled":false,"variable":"x","value":null,"pattern":"1","matched":0,"variables":1}],"left_out":0}'
is "no role: exit status" "$status" 1
run match -f none.json --explain
is "no role" "$out" 'off: disabled
only: x is undefined, it has to match "1"'
has "no role: it is said" "$err" "no role matches"
echo '{"name": "scripted", "script": "x"}' >barrier.json
run match -f barrier.json --explain
is "a barrier" "$out" 'scripted: has no varmatch: matches every request
scripted'
is "a barrier: exit status" "$status" 3

# ---- databases -------------------------------------------------------------
run import -f small.json -d roles.db
is "import" "$status$out$err" 0
run import -f small.json -d roles.db
is "names that are taken: exit status" "$status" 2
has "names that are taken" "$err" "roles.db: "
run import -f small.json -d roles.db --replace
is "import in their place" "$status$out$err" 0
run export -d roles.db
is "export" "$status$err" 0
cp .out again.json
run compile -d roles.db -o roles.policy
is "compile a database" "$status$out$err" 0
run export -f roles.policy
is "a policy gives its roles back" "$out" "$(cat again.json)"
run lint -d roles.db
is "lint a database" "$status$err" 0
for source in "-f again.json" "-d roles.db" "-f roles.db" "-f roles.policy"; do
    # shellcheck disable=SC2086
    run match $source $root_options -D user=alice --explain
    is "$source explains the same" "$out" "$root_lines"
done
run eval -d roles.db --log none -n
is "eval takes it" "$(sed -n '1p;3p' .out)" 'decision: accept
role: rest'
run match -d small.json
is "-d takes nothing else: exit status" "$status" 2
echo '[{"name": "a", "tries": 1}, {"name": "a"}]' >bad.json
run import -f bad.json -d bad.db
is "roles that are not valid: exit status" "$status" 2
is "every problem of them" "$(wc -l <.err)" 2
[ ! -e bad.db ] || bad "a database was made all the same"
run export -d nosuch.db
is "no database: exit status" "$status" 2
if command -v sqlite3 >/dev/null; then
    # Each waits a while for the lock: all at once.
    cat >try.sh <<'EOT'
set -- "match -d roles.db" "eval --log none -n -d roles.db" \
    "lint --json -d roles.db" "import -f small.json -d roles.db" \
    "export -d roles.db" "compile -d roles.db -o barred.policy"
for command; do
    {
        err=$("$ROLEAUTH" $command 2>&1 >/dev/null)
        echo "$command: $? $err" >"locked.${command%% *}"
    } &
done
wait
EOT
    export ROLEAUTH
    # sqlite3(1) keeps the lock while it waits for the command.
    sqlite3 roles.db 'BEGIN EXCLUSIVE;' ".shell sh try.sh"
    is "all were tried" "$(cat locked.[a-z]* | grep -c .)" 6
    for told in locked.[a-z]*; do
        has "locked" "$(cat "$told")" ": 3 roleauth: roles.db: "
        has "locked" "$(cat "$told")" "locked by another process"
    done
    [ ! -e barred.policy ] || bad "a policy was made all the same"
fi

# ---- a hundred thousand roles ----------------------------------------------
# roles COUNT [TWIN]: COUNT narrow roles and a last one, and among them one
# named TWIN, whose varmatch lies within that of role-77.
roles() {
    awk -v count="$1" -v twin="${2:-}" '
        BEGIN {
            print "["
            for (i = 0; i < count; i++) {
                printf "{\"name\":\"role-%d\",\"rorder\":%d,\"varmatch\":" \
                    "{\"runuser\":\"user%d\",\"command\":\"/opt/app%d/*\"," \
                    "\"runhost\":\"*.site%d.example\"}},\n", \
                    i, i, i % 500, i % 997, i
                if (twin != "" && i == int(count / 2))
                    printf "{\"name\":\"%s\",\"rorder\":%d,\"varmatch\":" \
                        "{\"runuser\":\"user77\",\"runhost\":" \
                        "\"www.site77.example\",\"command\":" \
                        "\"/opt/app77/bin/*\"}},\n", twin, i
            }
            printf "{\"name\":\"last\",\"rorder\":%d,\"varmatch\":" \
                "{\"runuser\":\"operator\"}}]\n", count
        }'
}
milliseconds() {
    echo $(($(date +%s%N) / 1000000))
}
roles 100000 >large.json
began=$(milliseconds)
run compile -f large.json -o large.policy
took=$(($(milliseconds) - began))
is "compile" "$status$out$err" 0
is "its mode" "$(stat -c %a large.policy)" 600
run compile --verify large.policy
is "it is whole" "$status$out$err" 0

# Each answer of the compiled policy, with its exit status.
answers() {
    for request in \
        "-D runuser=user0 -D command=/opt/app0/x -D runhost=a.site0.example" \
        "-D runuser=user77 -D command=/opt/app77/ -D runhost=.site77.example" \
        "-D runuser=user499 -D command=/opt/app299/x -D runhost=a.site99999.example" \
        "-D runuser=user499 -D command=/opt/app298/x -D runhost=a.site99999.example" \
        "-D runuser=operator" "-D runuser=nobody" "-r role-50000" "-r role-x"; do
        # shellcheck disable=SC2086
        "$ROLEAUTH" match -f large.policy $request 2>&1
        echo "$?"
    done
}
is "the answers of the compiled policy" "$(answers | tr '\n' ' ')" \
    "role-0 0 role-77 0 role-99999 0 roleauth: no role matches 1 last 0 \
roleauth: no role matches 1 role-50000 0 roleauth: no role matches 1 "
run eval -f large.policy --log none -n -D runuser=operator
has "eval takes it" "$out" "role: last"
run lint large.policy
is "lint takes it" "$status$out$err" 0

request="-D runuser=operator -D runhost=a.site4242.example"
# shellcheck disable=SC2086
run match -f large.policy $request --explain
is "the nearest miss comes first" "$(sed -n 1p .out)" \
    'role-4242: runuser is "operator", which does not match "user242" (1 of 3 variables match)'
is "then the first of those that match less" "$(sed -n '2p;20p' .out)" \
    'role-0: runuser is "operator", which does not match "user0" (0 of 3 variables match)
role-18: runuser is "operator", which does not match "user18" (0 of 3 variables match)'
is "the rest is counted" "$(sed '1,20d' .out)" \
    '99980 more roles are left out (see --explain=all)
last: runuser is "operator", which matches "operator"
last'
cp .out explained
# shellcheck disable=SC2086
run match -f large.policy $request --explain=all
is "all are told when asked for" "$(wc -l <.out)" 100002
is "in their order" "$(sed -n '4243p' .out)" \
    'role-4242: runuser is "operator", which does not match "user242"'
# shellcheck disable=SC2086
run match -f large.policy $request --explain=7 --json
is_json "for programs" "$out"
is "for programs: how many" "$(count "$out" '"disabled":false')" 7
has "for programs: the rest" "$out" '"left_out":99993}'

# ---- a source that is newer, a file that is damaged ------------------------
touch -d '+1 minute' large.json
run match -f large.policy -D runuser=operator
is "a newer source: the policy still answers" "$status$out" 0last
has "a newer source" "$err" "large.json has changed since it was compiled"
hasnt "nothing is drawn without a terminal" "$err" "%"
mv large.json gone.json
run match -f large.policy -D runuser=operator
is "without its source" "$status$out$err" 0last
mv gone.json large.json

size=$(stat -c %s large.policy)
# spoil OFFSET: another byte there, in a copy.
spoil() {
    for byte in x y; do
        cp large.policy spoilt.policy
        printf '%s' $byte |
            dd of=spoilt.policy bs=1 seek="$1" conv=notrunc 2>.dd
        cmp -s large.policy spoilt.policy || return
    done
}
for offset in $((size / 3)) $((size - 2)); do
    spoil "$offset"
    run compile --verify spoilt.policy
    is "byte $offset is another: exit status" "$status" 2
    has "byte $offset is another" "$err" "spoilt.policy: "
done
spoil 100
run match -f spoilt.policy -D runuser=operator
is "the header is damaged: exit status" "$status" 2
has "the header is damaged" "$err" "spoilt.policy: "
head -c $((size - 1)) large.policy >spoilt.policy
run match -f spoilt.policy -D runuser=operator
is "its end is missing: exit status" "$status" 2
run compile --verify open.json
is "no compiled policy: exit status" "$status" 2
run compile -f large.policy -o nosuch/policy
is "a directory that is not there: exit status" "$status" 2
has "a directory that is not there" "$err" "nosuch"
run compile -f open.json -o open.json
is "over its own source: exit status" "$status" 2
is "its source is as it was" "$(cat open.json)" '{"name": "open"}'

# ---- lint ------------------------------------------------------------------
roles 100000 role-twin >shadowed.json
run lint shadowed.json
is "a role that never matches: exit status" "$status" 0
is "one warning" "$(wc -l <.out)" 1
has "a role that never matches" "$out" \
    'shadowed.json:50003:1: [50001]: warning: "role-twin" never matches: "role-77" '
roles 100000 role-77 >duplicate.json
run lint --json duplicate.json
is "a duplicate name: exit status" "$status" 1
is_json "a duplicate name" "$out"
is "one problem" "$(count "$out" '"code"')" 1
has "a duplicate name" "$out" '"path":"[50001].name","code":"duplicate-role"'
rm shadowed.json duplicate.json

# ---- the progress bar ------------------------------------------------------
# Slow enough on this machine; the first roles are those of the policy.
[ "$took" -gt 3000 ] || roles $((100000 * 3000 / (took + 1))) >large.json
# on_terminal COMMAND: what a terminal of 60 columns gets to see.
on_terminal() {
    expect -c "
        set timeout 120
        match_max -d 1000000
        log_user 0
        spawn -noecho sh -c {stty columns 60; exec $1}
        expect eof
        puts -nonewline \$expect_out(buffer)" >seen
}
# Each state of the first line a line of its own: the last two are what the
# bar was wiped with, and what was printed then.
on_terminal "$ROLEAUTH match -f large.json $request --explain"
head -n 1 seen | tr '\r' '\n' | sed '/^$/d' >states
is "the bar is wiped away" "$(tail -n 2 states | head -n 1 | tr -d ' ')" ""
is "a source explains as its policy does" \
    "$({ tail -n 1 states && sed 1d seen; } | tr -d '\r' | sed 21d)" \
    "$(sed 21d explained)"
has "phase, percent and bar" "$(cat states)" "100% [#"
is "the bar is not wider than the terminal" \
    "$(sed '$d' states | grep -c '.\{60\}')" 0
is "it is nothing else" \
    "$(sed '$d' states | sed '$d' | grep -cv '^[a-z]* *[0-9]*% \[#* *\] *$')" 0

on_terminal "$ROLEAUTH match -f large.json -r nosuch 2>.err"
is "standard error is a file: nothing on the terminal" "$(cat seen)" ""
is "nor in the file" "$(cat .err)" "roleauth: no role matches"
on_terminal "$ROLEAUTH match -f open.json"
is "a load that is quick" "$(tr -d '\r' <seen)" open

done_testing
