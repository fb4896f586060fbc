#!/bin/sh
# The example programs, one of them on a real pseudo-terminal, and the sample
# files.
. "$(dirname "$0")/lib.sh"
need expect
embed=${BUILD_DIR:?is the build directory}/examples/embed

# The checkout may be anybody's; a copy of ours is trusted.
cp -R "$SOURCE_DIR/examples" samples
chmod -R go-w samples
run lint --pam-confdir samples/pam.d samples/roles.json samples/methods.json
is "the sample roles" "$status" 0
is "without a warning" "$out" ""
# The configuration names places of the system: it is read, not used.
cp "$SOURCE_DIR/examples/roleauth.json" config.json
chmod 600 config.json
echo '{"name": "open"}' >open.json
run match -f open.json --config "$work/config.json"
is "the sample configuration" "$status" 0

cat >roles.json <<EOT
[{"method": "getstringpasswd", "tries": 1, "prompt": "Code: ",
  "passwd": "$(echo sesame | "$ROLEAUTH" hash --stdin --crypt)"}]
EOT
# knock ANSWER: what the program prints, and its exit status.
knock() {
    expect -c "
        spawn -noecho $embed roles.json alice
        expect \"Code: \"
        send \"$1\\r\"
        expect eof
        lassign [wait] pid spawn os status
        puts \"status \$status\""
}
found=$(knock sesame)
has "the right answer" "$found" "welcome"
has "the right answer" "$found" "status 0"
found=$(knock wrong)
hasnt "the wrong answer" "$found" "welcome"
has "the wrong answer" "$found" "status 1"
run_embed() {
    out=$("$embed" "$@" 2>&1)
    status=$?
}
run_embed
is "usage" "$status" 1
run_embed nosuch.json alice
is "no roles" "$status" 1
has "no roles: why" "$out" "nosuch.json"
run_embed roles.json 'a b' </dev/null
is "nobody to ask" "$status" 1

# ---- reload ----------------------------------------------------------------
reload=$BUILD_DIR/examples/reload
is "the program of roleauth_policy_load(3)" \
    "$(sed -n '/^\/\* SPDX.* reload ROLES/,/^\.Ed/p' \
        "$SOURCE_DIR/docs/roleauth_policy_load.3" | sed '$d; s/\\e/\\/g')" \
    "$(cat "$SOURCE_DIR/examples/reload.c")"

# The new content takes the place of the old at once, as an editor or
# `roleauth compile` does it.
put_in_place() {
    cat >new-policy.json
    mv new-policy.json policy.json
}
# ask QUESTION: sets answer.
ask() {
    printf '%s\n' "$1" >&3
    IFS= read -r answer <&4
}
mkfifo questions answers
put_in_place <<'EOT'
[{"name": "backup", "varmatch": {"runuser": "backup", "command": "tar *"}},
 {"name": "alice", "varmatch": {"user": "alice", "runuser": "root"}},
 {"name": "script", "script": "x", "varmatch": {"runuser": "oper"}}]
EOT
"$reload" policy.json <questions >answers 2>errors &
pid=$!
exec 3>questions 4<answers
ask "bob backup tar cf x"
is "a role" "$answer" "role backup"
ask "bob root tar cf x"
is "no role" "$answer" "no role"
ask "bob oper tar"
is "a role that cannot be honoured" "$answer" "unavailable"
ask "bob root"
is "no question" "$answer" "error"
put_in_place <<'EOT'
{"name": "bob", "varmatch": {"user": "bob"}}
EOT
ask "bob root tar cf x"
is "nothing is read again unasked" "$answer" "no role"
kill -HUP "$pid"
ask "bob root tar cf x"
is "reloaded" "$answer" "role bob"
echo '{"name": "bob", "varmatch": ["bob"]}' | put_in_place
kill -HUP "$pid"
ask "bob root tar cf x"
is "what was in force stays so" "$answer" "role bob"
has "and it is said why" "$(cat errors)" "policy.json:1:"
run import -f open.json -d open.db
is "import" "$status$out$err" 0
run compile -d open.db -o policy.json
is "compile" "$status$out$err" 0
kill -HUP "$pid"
ask "bob root tar cf x"
is "a compiled policy" "$answer" "role open"
exec 3>&-
wait "$pid"
is "the end of the questions" "$?" 0
exec 4<&-
is "nothing else was wrong" "$(wc -l <errors)" 1
"$reload" </dev/null >/dev/null 2>&1
is "reload: usage" "$?" 1
is "reload: no roles" "$(echo 'a b c' | "$reload" nosuch.json 2>&1)" \
    "nosuch.json:0: cannot open nosuch.json: No such file or directory
error"

done_testing
