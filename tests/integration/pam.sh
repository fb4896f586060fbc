#!/bin/sh
# Real Linux-PAM, by a directory of services of our own (pam_start_confdir(3)).
. "$(dirname "$0")/lib.sh"
need_root
need useradd usermod chpasswd

u=ra$$
new_user "$u" 'correct horse'
mkdir pam.d
matrix=$(find /usr/lib -path '*pam_wrapper/pam_matrix.so' 2>/dev/null | head -1)

service() { # NAME, its lines on standard input
    cat >"pam.d/$1"
}
role() { # SERVICE [TRIES]
    cat >roles.json <<EOT
[{"method": "getuserpasswdpam", "user": "%user%", "service": "$1",
  "tries": ${2:-2}, "prompt": "[pam] ", "message": "No."}]
EOT
}
ask() {
    typed=$1
    shift
    type_to "$typed" -f roles.json -D user="$u" --pam-confdir "$work/pam.d" "$@"
}

service unix <<'EOT'
auth required pam_unix.so nodelay
account required pam_unix.so
EOT
role unix
ask 'correct horse'
outcome "pam_unix" 0 accept ok
has "the prompt is put before PAM's" "$err" "[pam] Password: "
ask 'wrong
correct horse'
outcome "pam_unix, second try" 0 accept ok
ask 'wrong
wrong'
outcome "pam_unix, wrong" 1 reject wrong-password
is "pam_unix: tries" "$(count "$err" '[pam]')" 2
role unix 9
ask 'a
b
c
d
e
f
g
h
i'
outcome "pam_unix ends it: MAXTRIES" 1 reject wrong-password
role UNIX
ask 'correct horse'
outcome "a service's name is lower-cased" 0 accept ok

service deny <<'EOT'
auth required pam_deny.so
account required pam_permit.so
EOT
role deny
ask ''
outcome "pam_deny" 1 reject wrong-password
is "pam_deny: no prompt" "$(count "$err" '[pam]')" 0

service permit <<'EOT'
auth required pam_permit.so
account required pam_permit.so
EOT
role permit
ask ''
outcome "pam_permit" 1 reject no-challenge
service rootok <<'EOT'
auth sufficient pam_rootok.so
auth required pam_unix.so
account required pam_permit.so
EOT
role rootok
ask ''
outcome "pam_rootok" 1 reject no-challenge
printf '{"allow_no_challenge": true}\n' >allow.json
ask '' --config "$work/allow.json"
outcome "pam_rootok, allowed" 0 accept ok
has "it is noted" "$out" "without a challenge"
has "it is noted in the event" "$event" "without a challenge"

# An empty password is never accepted, whatever the service says.
service nullok <<'EOT'
auth required pam_unix.so nullok nodelay
account required pam_unix.so
EOT
usermod -p '' "$u"
role nullok
ask '
'
outcome "nullok" 1 reject wrong-password
usermod -p '*' "$u"
echo "$u:correct horse" | chpasswd

# Two rounds of prompts, one hidden and one visible, and a message.
service two <<EOT
auth required ${PAM_ASK:?is a module of the build} show=Hello secret=Pin: expect=1234
auth required $PAM_ASK visible=Token: expect=99
account required pam_unix.so
EOT
role two
ask '1234
99'
outcome "two rounds" 0 accept ok
is "two prompts" "$(count "$err" '[pam]')" 2
has "the first prompt" "$err" "Hello
[pam] Pin:"
has "the second prompt" "$err" "[pam] Token:"
ask '1234
98
1234
99'
outcome "two rounds, second wrong" 0 accept ok
has "that is a try" "$out" '"attempts":2'
ask '1234'
outcome "two rounds, end of input" 1 reject cancelled

service refuse <<'EOT'
auth required pam_unix.so nodelay
account required pam_deny.so
EOT
role refuse
ask 'correct horse'
outcome "the account stage refuses" 1 reject account-denied

chage -E 2001-01-01 "$u"
role unix
ask 'correct horse'
outcome "account expired" 1 reject account-expired
chage -E -1 -d 0 "$u"
ask 'correct horse'
outcome "password expired" 1 reject password-expired
chage -d "$(date +%F)" "$u"

# No fallback: the services are missing, "other" would accept.
service other <<'EOT'
auth required pam_unix.so
account required pam_unix.so
EOT
role nosuch
ask 'correct horse'
outcome "no such service" 3 error unavailable
role other
ask 'correct horse'
outcome "other itself" 3 error unavailable
service noaccount <<'EOT'
auth required pam_unix.so
EOT
role noaccount
ask 'correct horse'
outcome "no account lines" 3 error unavailable
has "the event says why" "$event" "account"
service broken <<'EOT'
auth required pam_no_such_module.so
account required pam_unix.so
EOT
role broken
ask 'correct horse'
is "a module that is missing: exit status" "$((status == 1 || status == 3))" 1
hasnt "a module that is missing" "$out" '"decision":"accept"'
ln -s /dev/null pam.d/device
role device
ask 'correct horse'
outcome "not a regular file" 3 error unavailable
service hang <<'EOT'
@include hang
auth required pam_unix.so
account required pam_unix.so
EOT
role hang
ask 'correct horse'
outcome "a service that includes itself" 3 error unavailable

# A module that changes PAM_USER to another account.
if [ -n "$matrix" ]; then
    echo "$u:secret:matrix" >passdb
    service matrix <<EOT
auth required $matrix passdb=$work/passdb
account required $matrix passdb=$work/passdb
EOT
    role matrix
    ask 'secret'
    outcome "pam_matrix" 0 accept ok
fi
service rename <<EOT
auth required pam_unix.so nodelay
auth required ${PAM_RENAME:?is a module of the build} root
account required pam_permit.so
EOT
role rename
ask 'correct horse'
outcome "a changed PAM_USER" 1 reject account-denied

# A module that leads back into the library.
service nested <<EOT
auth required pam_unix.so nodelay
auth required ${PAM_NESTED:?is a module of the build}
account required pam_permit.so
EOT
role nested
ask 'correct horse'
outcome "a module that leads back" 3 error unavailable

# getuserpasswd by PAM, with its own prompt instead of PAM's.
cat >roles.json <<'EOT'
[{"method": "getuserpasswd", "user": "%user%", "tries": 1}]
EOT
ask 'correct horse' --passwd-service unix
outcome "--passwd-service" 0 accept ok
has "its prompt" "$err" "Password for $u: "
hasnt "not PAM's" "$err" "Password: "
has "its service" "$out" '"service":"unix"'
ask '' --passwd-service permit
outcome "--passwd-service pam_permit" 1 reject no-challenge

# A module that only shows something: a push to a telephone, say.
service shows <<EOT
auth required $PAM_ASK show=Look_at_your_telephone
account required pam_permit.so
EOT
role shows
ask ''
outcome "shown is challenged" 0 accept ok

# A prompt that nobody answers.
role unix
type_to '' -f roles.json -D user="$u" --pam-confdir "$work/pam.d" \
    --passwd-service unix -n
outcome "-n" 1 reject prompt-needed

# The default directories, through pam_wrapper(1): a service of the system's own
# name with lines of ours.  A sanitizer's runtime will not share LD_PRELOAD.
wrapper=$(find /usr/lib -name libpam_wrapper.so 2>/dev/null | head -1)
if [ -n "$wrapper" ] && [ -n "$matrix" ] && [ -z "${SANITIZE:-}" ]; then
    mkdir wrapped
    echo "$u:secret:login" >passdb
    printf '%s required %s passdb=%s/passdb\n' auth "$matrix" "$work" \
        account "$matrix" "$work" >wrapped/login
    echo '[{"method": "getuserpasswdpam", "user": "%user%",
            "service": "login", "tries": 2}]' >roles.json
    out=$(printf 'wrong\nsecret\n' | LD_PRELOAD=$wrapper PAM_WRAPPER=1 \
        PAM_WRAPPER_SERVICE_DIR=$work/wrapped "$ROLEAUTH" eval --stdin --json \
        --log none -f roles.json -D user="$u" 2>err)
    is "pam_wrapper: exit status" "$?" 0
    has "pam_wrapper" "$out" '"service":"login","result":"accept"'
    has "pam_wrapper: tries" "$out" '"attempts":2'
fi

done_testing
