#!/bin/sh
# Timestamp records with real users: who is asked again, and when.
. "$(dirname "$0")/lib.sh"
need_root
need useradd usermod chage chpasswd

u=ra$$
v=rb$$
new_user "$u" 'correct horse'
new_user "$v" 'battery staple'
mkdir pam.d
cat >pam.d/unix <<'EOT'
auth required pam_unix.so nodelay
account required pam_unix.so
EOT
cp pam.d/unix pam.d/unix2
role() { # FNAME PERIOD METHOD USER [MORE]
    cat >roles.json <<EOT
[{"method": "$3", "user": "$4", "fname": "$1", "period": $2,
  "tries": 1${5:-}}]
EOT
}
ask() {
    typed=$1
    shift
    type_to "$typed" -f roles.json -D user=alice -D submithost=web1 \
        --pam-confdir "$work/pam.d" --submit-host-is-local "$@"
}
# again WHAT cached|asks OPTION...
again() {
    what=$1
    want=$2
    shift 2
    ask '' "$@"
    if [ "$want" = cached ]; then
        outcome "$what" 0 accept ok
        has "$what: by a record" "$out" '"cached":true,"attempts":0'
        hasnt "$what: no prompt" "$err" "assword"
    else
        outcome "$what" 1 reject cancelled
    fi
}

role gp001 600 getuserpasswd "$u"
again "nothing is remembered yet" asks
[ -e records ] && [ -n "$(ls -A records)" ] && bad "a reject left a record"
ask 'correct horse'
outcome "first" 0 accept ok
again "second" cached
is "mode of the directory" "$(stat -c %a records)" 700
is "mode of a record" "$(stat -c %a records/*)" 600
is "mode of the key" "$(stat -c %a state/state)" 600

again "another requester" asks -D user=bob
again "another submit host" asks -D submithost=web2
again "a scope" asks --scope tty1
again "still" cached
again "--ignore-cache" asks --ignore-cache
again "--no-update reads" cached --no-update
role gp002 600 getuserpasswd "$u"
again "another fname" asks
role gp001 600 submitconfirmuser "$u"
again "another method" asks
role gp001 600 getuserpasswd "$v"
again "another authenticated user" asks
role gp001 600 getuserpasswd "$u"
again "another service" asks --passwd-service unix
again "still" cached

# A role that rejects later on records nothing.
cat >roles.json <<EOT
[{"method": "getuserpasswd", "user": "$u", "fname": "late", "period": 600},
 {"method": "getuserpasswd", "user": "$v", "tries": 1}]
EOT
ask 'correct horse
wrong'
outcome "the second method fails" 1 reject wrong-password
role late 600 getuserpasswd "$u"
again "the first was not recorded" asks

# The present counts.
role gp001 600 getuserpasswd "$u"
usermod -L "$u"
again "locked since" asks
usermod -U "$u"
again "unlocked again" cached
chage -E 2001-01-01 "$u"
again "expired since" asks
chage -E -1 "$u"
again "no longer expired" cached
echo "$u:correct horse" | chpasswd -c YESCRYPT
again "the password was changed" asks
ask 'correct horse'
again "proved again" cached

# A shorter period asked now.
sleep 2
role gp001 1 getuserpasswd "$u"
again "the smaller window counts" asks
role gp001 600 getuserpasswd "$u"
again "the larger one" cached

# Real time.
role short 2 getuserpasswd "$u"
ask 'correct horse'
outcome "period of two seconds" 0 accept ok
again "within it" cached
sleep 3
again "after it" asks

# PAM.
role pam 600 getuserpasswdpam "$u" ', "service": "unix"'
ask 'correct horse'
outcome "PAM" 0 accept ok
again "PAM, again" cached
role pam 600 getuserpasswdpam "$u" ', "service": "unix2"'
again "another PAM service" asks
role pam 600 getuserpasswdpam "$u" ', "service": "unix"'
chage -E 2001-01-01 "$u"
again "PAM's account stage no longer agrees" asks
chage -E -1 "$u"
again "PAM, still" cached
mv pam.d/unix pam.d/elsewhere
ask ''
outcome "the service is gone" 3 error unavailable
mv pam.d/elsewhere pam.d/unix

# Status changes nothing.
before=$(find records state -type f -exec stat -c '%n %s %y %z' {} + | sort)
run status --cache-dir "$work/records" --state-dir "$work/state" --json
is "status" "$status" 0
has "status shows the record" "$out" "\"fname\":\"gp001\",\"user\":\"$u\""
has "what ends it" "$out" '"ended_by":"period"'
run status --cache-dir "$work/records" --state-dir "$work/state"
has "plain status" "$out" "gp001 user=$u method=getuserpasswd requester=alice"
is "status changed nothing" \
    "$(find records state -type f -exec stat -c '%n %s %y %z' {} + | sort)" \
    "$before"
run status --cache-dir "$work/none" --state-dir "$work/none2" --json
is "status of nothing" "$out" '{"records":[]}'
[ -e none ] || [ -e none2 ] && bad "status made a directory"

# Sign-out.
keep() { rm -rf kept && cp -a records kept; }
restore() { rm -rf records && cp -a kept records; }
role gp001 600 getuserpasswd "$u"
keep
: >events
run signout --user nobody-else --cache-dir "$work/records" \
    --state-dir "$work/state" --log "$work/events" --json
is "sign-out of somebody else" "$out" '{"ended":0}'
again "still" cached
run signout --fname gp001 --cache-dir "$work/records" \
    --state-dir "$work/state" --log "$work/events" --json
is "sign-out by fname" "$out" '{"ended":1}'
has "its event" "$(tail -1 events)" '"event":"signout","user":null,"fname":"gp001","ended":1'
again "signed out by fname" asks
restore
again "restored records do not help" asks
ask 'correct horse'
again "proved anew" cached
keep
run signout --user "$u" --cache-dir "$work/records" --state-dir "$work/state" \
    --log none
is "sign-out by user" "$status" 0
restore
again "signed out by user" asks
ask 'correct horse'
keep
run signout --cache-dir "$work/records" --state-dir "$work/state" --log none
is "sign-out of all" "$status" 0
restore
again "signed out" asks
run status --cache-dir "$work/records" --state-dir "$work/state" --json
is "nothing is left" "$out" '{"records":[]}'

# A store that others could have touched is no store, and no failure either.
ask 'correct horse'
again "cached" cached
chmod 777 records
again "a directory that others can write" asks
ask 'correct horse'
outcome "it does not fail a right password" 0 accept ok
has "it is noted" "$out" "timestamp records:"
chmod 700 records
again "a record once more" cached
chmod 644 records/*
again "a record with another mode" asks
ask 'correct horse'
again "cached" cached
chown "$u" records/*
again "a record of another owner" asks
rm -rf state
again "a key that is gone" asks
rm -rf records state
ln -s /tmp records
ask 'correct horse'
outcome "a symbolic link for the directory" 0 accept ok
again "a symbolic link for the directory" asks

# Role files that others could have written decide nothing.
chmod 666 roles.json
ask 'correct horse'
is "a role file that others can write" "$status" 2
has "it says so" "$err" "roles.json"
is "no event, nothing evaluated" "$event" ""
chmod 644 roles.json
mkdir open
chmod 777 open
cp roles.json open/roles.json
type_to 'correct horse' -f open/roles.json -D user=alice
is "a directory that others can write" "$status" 2
chown "$u" roles.json
ask 'correct horse'
is "a role file of another user" "$status" 2
run match -f roles.json
is "match only warns" "$status" 0
has "match warns" "$err" "warning"
run lint roles.json
is "lint only warns" "$status" 0
echo '{"prompt_timeout": 5}' >config.json
chmod 666 config.json
for command in "match -f roles.json" "lint roles.json"; do
    # shellcheck disable=SC2086
    run $command --config config.json
    is "$command only warns of a configuration that others can write" \
        "$status" 0
    has "$command warns" "$err" "config.json: warning"
done
for command in "eval -n -f roles.json" status signout; do
    # shellcheck disable=SC2086
    run $command --config config.json
    is "$command refuses it" "$status" 2
done

done_testing
