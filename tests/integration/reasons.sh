#!/bin/sh
# Every reason, through the tool: exit status, JSON and event line.
. "$(dirname "$0")/lib.sh"

hash=$(echo secret | "$ROLEAUTH" hash --stdin)
mkdir pam.d
cat >pam.d/permit <<'EOT'
auth required pam_permit.so
account required pam_permit.so
EOT
case_of() { # WHAT STATUS DECISION REASON TYPED ROLES [OPTION...]
    what=$1 want=$2 decision=$3 reason=$4 typed=$5
    printf '%s\n' "$6" >roles.json
    shift 6
    type_to "$typed" -f roles.json -D user=alice --pam-confdir "$work/pam.d" "$@"
    outcome "$what" "$want" "$decision" "$reason"
    seen="${seen:-} $reason"
}
ask_string="{\"method\": \"getstringpasswd\", \"passwd\": \"$hash\", \"tries\": 1}"

case_of "right" 0 accept ok secret "[$ask_string]"
case_of "no auth" 0 accept ok '' '{"name": "open"}'
case_of "crypt hash" 0 accept ok secret "[{\"method\": \"getstringpasswd\",
  \"passwd\": \"$(echo secret | "$ROLEAUTH" hash --stdin --crypt)\"}]"
case_of "role action" 1 reject role-action '' \
    '{"name": "never", "action": "R", "message": "Not you, %user%."}'
has "its message" "$out" '"message":"Not you, alice."'
has "its message is shown" "$err" "Not you, alice."
case_of "no role" 1 reject no-matching-role '' \
    '{"name": "late", "varmatch": {"year": "1999"}}'
case_of "no role of that name" 1 reject no-matching-role '' '{"name": "a"}' -r b
case_of "disabled" 1 reject no-matching-role '' '{"name": "a", "disabled": 1}'
case_of "wrong" 1 reject wrong-password wrong "[$ask_string]"
case_of "cancelled" 1 reject cancelled '' "[$ask_string]"
case_of "nobody to ask" 1 reject prompt-needed '' "[$ask_string]" -n
case_of "no challenge" 1 reject no-challenge '' \
    '[{"method": "getuserpasswdpam", "user": "alice", "service": "permit"}]'
case_of "undefined variable" 1 reject undefined-variable secret \
    '{"name": "a", "auth": ['"$ask_string"'], "message": "%nosuch%"}'
hasnt "nobody was asked" "$err" "Password"
case_of "client's user" 1 reject bad-attribute '' \
    '[{"method": "getuserpasswd", "user": "%who%"}]' -C who=root
has "it says which" "$out" "who"
for user in ../etc a/b a:b -a 'a b' "$(printf 'a\tb')" ''; do
    case_of "user \"$user\"" 1 reject bad-attribute '' \
        '[{"method": "getuserpasswd", "user": "%who%"}]' -D who="$user"
done
for user in '%s%n%x' '%user%' '%%' 'nobody-here' '..' '$(id)' ';id' "x'y"; do
    [ "$(id -u)" = 0 ] || break # shadow(5) cannot be read
    case_of "a strange user \"$user\"" 1 reject wrong-password 'a
b
c' '[{"method": "getuserpasswd", "user": "%who%"}]' -D who="$user"
    is "one line in the log" "$(wc -l <events)" 1
done
long=$(head -c 256 /dev/zero | tr '\0' x)
case_of "a user of 256 bytes" 1 reject bad-attribute '' \
    '[{"method": "getuserpasswd", "user": "%who%"}]' -D who="$long"
for fname in '' "$long" "$(printf 'a\033b')" "$(printf 'a\nb')"; do
    case_of "fname \"$fname\"" 1 reject bad-attribute '' \
        '[{"method": "getuserpasswd", "user": "root", "period": 9,
           "fname": "%f%"}]' -D f="$fname"
done
for service in .hidden ../x 'a b' 'a/b' ''; do
    case_of "service \"$service\"" 1 reject bad-attribute '' \
        '[{"method": "getuserpasswdpam", "user": "root", "service": "%s%"}]' \
        -D s="$service"
done
case_of "no such PAM service" 3 error unavailable '' \
    '[{"method": "getuserpasswdpam", "user": "alice", "service": "none"}]'
case_of "no submit host" 3 error unavailable secret \
    '[{"method": "submitconfirmuser", "user": "alice"}]'
hasnt "nobody was asked" "$err" "assword"
case_of "barrier" 3 error unavailable '' '{"name": "scripted", "script": "x"}'
has "the barrier's name" "$out" "scripted"
big=$(head -c 60000 /dev/zero | tr '\0' x)
many='%b%%b%%b%%b%%b%%b%%b%%b%%b%%b%%b%%b%%b%%b%%b%%b%%b%%b%%b%%b%'
case_of "an expansion too large" 3 error internal '' \
    "{\"name\": \"a\", \"message\": \"$many\"}" -D b="$big"

# Nobody answers in time.
printf '[%s]\n' "$ask_string" >roles.json
sleep 5 | "$ROLEAUTH" eval --stdin --json --log "$work/events" --timeout 1 \
    -f roles.json >.out 2>.err &
wait $!
status=$?
out=$(cat .out) event=$(tail -1 events)
outcome "time limit" 1 reject timeout
seen="$seen timeout"

# Those that need real users.
if [ "$(id -u)" = 0 ] && command -v useradd >/dev/null; then
    u=ra$$
    new_user "$u" secret
    one="[{\"method\": \"getuserpasswd\", \"user\": \"$u\", \"tries\": 1}]"
    usermod -L "$u"
    case_of "locked" 1 reject account-locked secret "$one"
    usermod -U "$u"
    chage -E 1 "$u"
    case_of "expired" 1 reject account-expired secret "$one"
    chage -E -1 -d 0 "$u"
    case_of "password expired" 1 reject password-expired secret "$one"
    chage -d "$(date +%F)" "$u"
    cat >pam.d/refuse <<'EOT'
auth required pam_unix.so nodelay
account required pam_deny.so
EOT
    case_of "denied" 1 reject account-denied secret "[{\"method\":
      \"getuserpasswdpam\", \"user\": \"$u\", \"service\": \"refuse\"}]"
    for reason in ok role-action no-matching-role wrong-password cancelled \
        timeout prompt-needed no-challenge account-locked account-expired \
        account-denied password-expired undefined-variable bad-attribute \
        unavailable internal; do
        has "every reason was seen" "$seen " " $reason "
    done
else
    echo "not run: the account reasons need root"
fi

# Usage, and what cannot be used.
for arguments in "eval" "eval -f" "eval -f roles.json extra" "nosuch" "" \
    "eval -f roles.json -D novalue" "eval -f roles.json -D 1x=1" \
    "eval -f roles.json --scope=" "eval -f roles.json --timeout x" \
    "eval -f nosuch.json" "match -f nosuch.json" "lint nosuch.json" \
    "eval -f roles.json --config nosuch.json" "lint" "glob" \
    "eval -f roles.json --askpass nosuch" "signout --user=" \
    "signout --fname="; do
    # shellcheck disable=SC2086
    run $arguments
    is "roleauth $arguments" "$status" 2
    [ -n "$err" ] || bad "roleauth $arguments says nothing"
done
printf '{"auth": [{"method": "getuserpasswd", "usr": "x"}]}\n' >broken.json
run eval -f broken.json
is "broken roles: eval" "$status" 2
has "broken roles: the mend" "$err" 'did you mean "user"'
run lint broken.json
is "broken roles: lint" "$status" 1
has "broken roles: the place" "$out" "broken.json:1:"
run lint --json broken.json
is "broken roles: lint --json" "$status" 1
has "broken roles: JSON" "$out" '"code":"unknown-key"'
printf '{"store_directry": "/x"}\n' >config.json
run eval -f roles.json -n --log none --config config.json
is "broken configuration" "$status" 2
has "broken configuration: the mend" "$err" 'did you mean "store_directory"'
chmod 666 config.json
run eval -f roles.json -n --log none --config config.json
is "a configuration that others can write" "$status" 2
printf '{"pam_confdir": "pam"}\n' >config.json
chmod 644 config.json
run eval -f roles.json -n --log none --config config.json
is "a relative directory" "$status" 2
# A log is not written into what the caller had closed.
: >events
"$ROLEAUTH" eval -f roles.json -n --log "$work/events" >&- 2>&- <&-
is "closed descriptors" "$(wc -l <events)" 1
for command in eval match lint hash glob status signout; do
    run $command --help
    is "$command --help" "$status" 0
    has "$command --help" "$out" "usage: roleauth $command"
done

# Client variables: dropped, overridden, never expanded again.
printf '{"name": "a", "message": "%%user%%|%%x%%", "variables": {"v": "%%x%%"}}\n' >roles.json
type_to '' -f roles.json -D user=alice -C user=root -C x=client
outcome "reserved" 0 accept ok
has "the server's user" "$out" '"message":"alice|client"'
has "it is noted" "$event" "client variable user is reserved"
type_to '' -f roles.json -D user=alice -D x=server -C x=client
has "the server's value" "$out" '"variables":{"v":"server"}'
type_to '' -f roles.json -D user=alice -C x='%user%%'
has "one pass" "$out" '"variables":{"v":"%user%%"}'
esc=$(printf '\033[2J\nforged')
type_to '' -f roles.json -D user=alice -C x="$esc"
is "one line in the log" "$(wc -l <events)" 1
case $err in
*"$(printf '\033')"*) bad "an escape sequence reached the terminal" ;;
*) ok ;;
esac

# A mandatory file that cannot be written turns an accept into an error.
printf '{"events": [{"sink": "file", "path": "%s/no/dir", "mandatory": true},
 {"sink": "file", "path": "%s/second"}]}\n' "$work" "$work" >config.json
chmod 644 config.json
run eval -f roles.json -n --json -D user=alice -D x=1 --config config.json
is "mandatory event: exit status" "$status" 3
has "mandatory event" "$out" '"decision":"error","reason":"unavailable"'
has "the other sink heard the same" "$(cat second)" '"decision":"error"'

done_testing
