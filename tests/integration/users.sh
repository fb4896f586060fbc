#!/bin/sh
# Real users of shadow(5): what is accepted, how a refusal looks, and that every
# kind of it has its reason.
. "$(dirname "$0")/lib.sh"
need_root
need useradd usermod chage chpasswd passwd

u=ra$$
new_user "$u" 'correct horse'
cat >roles.json <<EOT
[{"method": "getuserpasswd", "user": "%user%", "tries": 2,
  "prompt": "Password of %user%: ", "message": "No.",
  "rejectMessage": "%user% failed"}]
EOT
ask() {
    typed=$1
    shift
    type_to "$typed" -f roles.json -D user="$u" "$@"
}

ask 'correct horse'
outcome "right password" 0 accept ok
is "one prompt" "$(count "$err" 'Password of')" 1
hasnt "no message" "$out$err" "No."
has "attempts" "$out" '"cached":false,"attempts":1'

ask 'wrong
correct horse'
outcome "second try" 0 accept ok
is "two prompts" "$(count "$err" 'Password of')" 2
is "one retry message" "$(count "$err" 'Sorry, try again.')" 1

ask 'wrong
wrong
correct horse'
outcome "tries used up" 1 reject wrong-password
is "exactly two prompts" "$(count "$err" 'Password of')" 2
is "message once" "$(count "$err" 'No.')" 1
has "message in result" "$out" '"message":"No."'
has "rejectMessage in result" "$out" "\"reject_message\":\"$u failed\""
has "rejectMessage in event" "$event" "\"reject_message\":\"$u failed\""
hasnt "no password in the event" "$event" "wrong\\\""
hasnt "no password in the event" "$event" "horse"

ask ''
outcome "end of input" 1 reject cancelled
ask 'wrong'
outcome "end of input after a wrong one" 1 reject cancelled

long=$(head -c 600 /dev/zero | tr '\0' x)
ask "$long
correct horse"
outcome "a password too long is a wrong one" 0 accept ok
has "it took a try" "$out" '"attempts":2'

usermod -L "$u"
ask 'correct horse'
outcome "locked, right password" 1 reject account-locked
locked=$err
ask 'wrong
wrong'
outcome "locked, wrong password" 1 reject wrong-password
usermod -U "$u"
ask 'correct horse'
outcome "unlocked" 0 accept ok

chage -E 2001-01-01 "$u"
ask 'correct horse'
outcome "account expired" 1 reject account-expired
is "the user is told the same" "$err" "$locked"
ask 'wrong
wrong'
outcome "account expired, wrong password" 1 reject wrong-password
chage -E -1 "$u"

chage -d 0 "$u"
ask 'correct horse'
outcome "password must be changed" 1 reject password-expired
chage -d 2001-01-01 -M 30 "$u"
ask 'correct horse'
outcome "password too old" 1 reject password-expired
chage -d "$(date +%F)" -M 99999 "$u"

passwd -d "$u" >/dev/null
ask '
'
outcome "empty password" 1 reject wrong-password
ask 'x
y'
outcome "empty field, some password" 1 reject wrong-password

usermod -p '*' "$u"
ask 'a
b'
outcome "no password" 1 reject wrong-password
usermod -p '!' "$u"
ask '!
!'
outcome "only a lock" 1 reject wrong-password
usermod -p 'ab1Ro2R3Ot5wM' "$u"
ask 'a
b'
outcome "DES" 3 error unavailable

type_to 'a
b' -f roles.json -D user=nobody-of-that-name
outcome "unknown user" 1 reject wrong-password
is "unknown user: every prompt" "$(count "$err" 'Password of')" 2

# An unreadable shadow(5) is no wrong password.  The build may lie where only
# root can read.
if command -v setpriv >/dev/null; then
    mkdir unprivileged
    cp "$ROLEAUTH" "${BUILD_DIR:?is the build directory}/libroleauth.so.0" \
        roles.json unprivileged
    chmod 755 "$work" unprivileged
    cd unprivileged || exit 1
    printf 'x\n' | LD_LIBRARY_PATH=$PWD setpriv --reuid=65534 --regid=65534 \
        --clear-groups ./roleauth eval --stdin --json --log none \
        -f roles.json -D user="$u" >../out 2>../err
    is "unreadable shadow: exit status" "$?" 3
    cd ..
    has "unreadable shadow: reason" "$(cat out)" '"reason":"unavailable"'
    hasnt "unreadable shadow: no prompt" "$(cat err)" "Password of"
fi

done_testing
