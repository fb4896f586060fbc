#!/bin/sh
# The example program on a real pseudo-terminal, and the sample files.
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

done_testing
