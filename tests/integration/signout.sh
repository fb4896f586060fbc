#!/bin/sh
# Signing out: triggers that pass, with the machine's clock shifted; commands
# that misbehave; many at once; what tells of it.
. "$(dirname "$0")/lib.sh"
need_root
need useradd chpasswd faketime flock setpriv prlimit

mounts=
clean_mounts() {
    for place in $mounts; do
        umount "$place" 2>/dev/null
    done
    clean_up
}
trap clean_mounts EXIT

# The tool with the clock of the machine shifted by $SHIFT, such as +8h.
# CLOCK_BOOTTIME stays: faketime(1) would put the year 1970 and more onto it.  So
# do times of files: the library looks after its own by them.
SHIFT=
export SHIFT
tool=$ROLEAUTH
mkdir bin
cat >bin/roleauth <<EOT
#!/bin/sh
[ -n "\$SHIFT" ] || exec "$tool" "\$@"
ASAN_OPTIONS=\${ASAN_OPTIONS:+\$ASAN_OPTIONS:}verify_asan_link_order=0
export ASAN_OPTIONS FAKETIME_DONT_FAKE_MONOTONIC=1 NO_FAKE_STAT=1
exec faketime -f "\$SHIFT" "$tool" "\$@"
EOT
chmod 755 bin/roleauth
ROLEAUTH=$work/bin/roleauth

u=ra$$
new_user "$u" 'correct horse'
cat >roles.json <<EOT
[{"name": "dba", "varmatch": {"user": "alice"}, "auth": [
    {"method": "getuserpasswd", "user": "$u", "fname": "gp001",
     "period": 360000, "tries": 1}]},
 {"name": "two", "varmatch": {"user": "bob"}, "auth": [
    {"method": "getuserpasswd", "user": "$u", "fname": "gp001",
     "period": 360000, "tries": 1},
    {"method": "getstringpasswd", "tries": 1, "prompt": "Then: ",
     "passwd": "Qe9LsLI2YeZjAarDYGaRLawDeCe0rmOnsRZaWqk+1Os="}]}]
EOT
# configure MEMBERS: a configuration with these beside its places.
configure() {
    cat >config.json <<EOT
{"store_directory": "$work/records", "state_directory": "$work/state",
 "events": [{"sink": "file", "path": "$work/events.log"}]${1:+, $1}}
EOT
}
fresh() { # MEMBERS
    SHIFT=
    rm -rf records state events.log
    configure "$1"
}
ask() {
    type_to "$1" -f roles.json --config config.json -D user=alice \
        -D submithost=web1
}
# again WHAT cached|asks
again() {
    ask ''
    if [ "$2" = cached ]; then
        outcome "$1" 0 accept ok
        has "$1: by a record" "$out" '"cached":true,"attempts":0'
    else
        outcome "$1" 1 reject cancelled
    fi
}
prove() { # WHAT
    ask 'correct horse'
    outcome "$1" 0 accept ok
}
signout() {
    run signout --config config.json "$@"
}
last() {
    run signout --config config.json --last "$@"
}
log() {
    run log --config config.json "$@"
}
# How many sign-outs are in the log.
signed_out() {
    cat events.log 2>/dev/null | grep -c '"event":"signout"'
}
snapshot() {
    find records state events.log -exec stat -c '%n %s %a %y %z' {} + | sort
}

# ---- the command line --------------------------------------------------------
fresh ''
while read -r arguments; do
    # shellcheck disable=SC2086
    signout $arguments
    is "usage: $arguments" "$status" 2
    has "usage: $arguments: says so" "$err" "roleauth"
    is "usage: $arguments: prints nothing" "$out" ""
done <<'EOT'
--due --last
--due --user alice
--due --fname gp001
--format json
--due --format json
--last --format xml
--last --format
--last --format jamf --json
--last extra
EOT
is "usage: nothing was done" "$(ls -d state records events.log 2>/dev/null)" ""

# ---- before anything ---------------------------------------------------------
last
is "never: text" "$status $out" "0 none"
last --format jamf
is "never: jamf" "$status $out" "0 <result>1970-01-01 00:00:00</result>"
last --format json
is "never: json" "$out" '{"time":null,"local":null,"trigger":"none","user":null,"fname":null,"ended":0,"command":null}'
signout --due
is "never: nothing is due" "$status $out$err" "0 "
is "never: nothing was made" "$(ls -d state records events.log 2>/dev/null)" ""

# ---- an interval -------------------------------------------------------------
cat >bin/note <<EOT
#!/bin/sh
echo "\$ROLEAUTH_TRIGGER" >>$work/noted
EOT
chmod 755 bin/note
fresh "\"time_zone\": \"Asia/Kolkata\", \"signout_interval\": 28800,
    \"signout_command\": [\"$work/bin/note\"]"
prove "interval: first"
SHIFT=+7h
again "interval: within it" cached
run status --config config.json --json
has "interval: what ends it" "$out" '"ended_by":"interval"'
has "interval: a boot would, too" "$out" '"ends_at_boot":true'
left=$(printf '%s' "$out" | sed 's/.*"left":\([0-9]*\).*/\1/')
is "interval: an hour is left: $left" \
    "$((left > 3400 && left <= 3600))" 1
run status --config config.json
has "interval: status" "$out" " ended-by=interval ends=20"
has "interval: status: or a boot" "$out" " or-by=boot"
signout --due
is "interval: not yet due" "$status $out$err" "0 "
signout --due --json
is "interval: not yet due, for programs" "$out" '{"trigger":"none","ended":0}'
is "interval: nothing was logged" "$(signed_out)" 0
# The trigger passes, and no timer runs.
SHIFT=+8h
again "interval: passed" asks
run status --config config.json
is "interval: nothing is left" "$status $out" "0 "
prove "interval: proved anew"
again "interval: a new record" cached
is "interval: and nobody signed out" "$(signed_out)" 0
# The machine's clock is set back.
SHIFT=
again "interval: the clock set back" asks
SHIFT=+7h
again "interval: the clock set back a little" asks
SHIFT=+8h
again "interval: the right clock" cached
signout --due
is "interval: due" "$status $out" "0 trigger: interval
ended: 1"
is "interval: the command ran" "$(cat noted)" interval
again "interval: signed out" asks
has "interval: event" "$(tail -n 1 events.log)" \
    '"ended":1,"trigger":"interval","due":"20'
has "interval: event: command" "$(tail -n 1 events.log)" \
    '"command":{"result":"exited","code":0,"output":null}'
signout --due
is "interval: once" "$status $out$err" "0 "
is "interval: one event" "$(signed_out)" 1
# Missed three times, as while the machine is off: once.
SHIFT=+40h
prove "interval: much later"
signout --due --json
has "interval: missed ones" "$out" '{"trigger":"interval","ended":'
signout --due
is "interval: missed ones count once" "$out" ""
is "interval: two events" "$(signed_out)" 2
# What was saved before, and the state removed, bring nothing back.
prove "saved"
cp -a records saved
signout
is "saved: ended" "$out" "ended: 1"
rm -rf records && cp -a saved records
again "saved: restored" asks
prove "removed state"
rm state/state
again "removed state: asks" asks

# ---- the last one ------------------------------------------------------------
SHIFT=
fresh '"time_zone": "Asia/Kolkata", "signout_command": ["/bin/sh", "-c", "exit 4"]'
prove "last"
TZ=America/New_York
export TZ
before=$(TZ=Asia/Kolkata date '+%F %T')
signout
after=$(TZ=Asia/Kolkata date '+%F %T')
is "last: done: $err" "$status $out" "0 ended: 1"
has "last: a command that failed is told" "$err" "exit status 4"
state=$(snapshot)
last --format jamf
moment=${out#<result>}
moment=${moment%</result>}
is "last: jamf" "$out" "<result>$moment</result>"
is "last: in time: $before, $moment, $after" "$(printf '%s\n' "$before" \
    "$moment" "$after" | LC_ALL=C sort -c 2>&1)" ""
last
is "last: text" "$status $out" "0 time: $moment +0530
trigger: hand
ended: 1
command: exited 4"
last --format json
is "last: json" "$out" "{\"time\":\"$(date -u -d "$moment +0530" \
    +%FT%TZ)\",\"local\":\"$moment\",\"trigger\":\"hand\",\"user\":null,\"fname\":null,\"ended\":1,\"command\":{\"result\":\"exited\",\"code\":4}}"
same=$out
last --json
is "last: --json is the same" "$out" "$same"
log
has "log: local time, too" "$out" "$moment +0530 signout hand ended=1"
is "last and log change nothing" "$(snapshot)" "$state"
unset TZ
# One of a single user does not hide it.
sleep 1
signout --user "$(printf 'o"d\033[2J d')"
last --format json
is "last: of everything" "$out" "$same"
last --user "$(printf 'o"d\033[2J d')" --format text
has "last: of a user" "$out" 'user: o"d\033[2J d'
log --decision signout
has "log: a user that is made visible" "$out" 'user="o\"d\033[2J d"'
hasnt "log: no escape" "$out" "$(printf '\033')"
last --fname gp001 --format json
is "last: of a name" "$out" "$same"
rm -f events.log
last --format json
is "last: without a log" "$out" "$same"
printf 'damaged' >state/signouts
last --format jamf
is "last: a damaged history" "$out" "<result>1970-01-01 00:00:00</result>"
chmod 777 state
last --format jamf
is "last: a state that others can write" "$status $out" "3 "
configure '"signout_interval": 60'
signout --due
is "due: a state that others can write" "$status $out" "3 "
signout
is "a state that others can write" "$status $out" "3 "

# ---- times of day ------------------------------------------------------------
if [ -e /usr/share/zoneinfo/Asia/Kolkata ]; then
    soon=$(TZ=Asia/Kolkata date -d '+1 hour' +%H:%M)
    fresh "\"time_zone\": \"Asia/Kolkata\", \"signout_daily\": [\"$soon\"]"
    prove "daily"
    SHIFT=+55m
    again "daily: before" cached
    run status --config config.json
    has "daily: status" "$out" " ended-by=daily ends=20"
    SHIFT=+61m
    again "daily: after" asks
    signout --due
    is "daily: due" "$out" "trigger: daily
ended: 1"
    signout --due
    is "daily: once" "$out" ""
    SHIFT=+23h
    signout --due
    is "daily: not again this day" "$out" ""
    SHIFT=+26h
    signout --due
    is "daily: the next day" "$out" "trigger: daily
ended: 0"
fi

# ---- a boot ------------------------------------------------------------------
# boot UUID COMMAND...: in a machine that was booted with this id.
boot() {
    echo "$1" >boot_id
    shift
    unshare -m sh -c 'mount --bind "$1" /proc/sys/kernel/random/boot_id &&
        shift && exec "$@"' sh "$work/boot_id" "$@"
}
first=11111111-1111-4111-8111-111111111111
second=22222222-2222-4222-8222-222222222222
fresh '"signout_boot": true, "survive_reboot": true'
if [ "$(boot $first cat /proc/sys/kernel/random/boot_id 2>/dev/null)" = $first ]
then
    evaluate() {
        boot "$1" "$tool" eval -f roles.json --config config.json --log none \
            --stdin --json -D user=alice -D submithost=web1 2>/dev/null
    }
    has "boot: first" "$(echo 'correct horse' | evaluate $first)" '"accept"'
    has "boot: the same" "$(evaluate $first </dev/null)" '"cached":true'
    has "boot: another" "$(evaluate $second </dev/null)" '"cancelled"'
    due() {
        boot "$1" "$tool" signout --due --config config.json
    }
    is "boot: not due" "$(due $first)" ""
    is "boot: due" "$(due $second)" "trigger: boot
ended: 1"
    is "boot: once" "$(due $second)" ""
    has "boot: the last one" \
        "$("$tool" signout --last --config config.json)" "trigger: boot"
else
    echo "not run: boots: mount(8) is denied"
fi

# ---- commands that misbehave -------------------------------------------------
cat >bin/hang <<EOT
#!/bin/sh
sleep 300 &
echo \$\$ \$! >$work/hanging
sleep 300
EOT
cat >bin/megabyte <<'EOT'
#!/bin/sh
head -c 1000000 /dev/zero | tr '\0' '\033'
EOT
cat >bin/killed <<'EOT'
#!/bin/sh
kill -9 $$
EOT
cp bin/note bin/writable
chmod 755 bin/hang bin/megabyte bin/killed
chmod 777 bin/writable
# command WHAT PROGRAM LAST EVENT TOLD
command_is() {
    fresh "\"signout_command\": [\"$2\"], \"signout_command_timeout\": 1"
    prove "$1: first"
    signout
    is "$1: done: $err" "$status $out" "0 ended: 1"
    has "$1: event" "$(tail -n 1 events.log)" "$4"
    is "$1: one event" "$(signed_out)" 1
    has "$1: told" "$err" "$5"
    last
    has "$1: the last one" "$out" "command: $3"
    again "$1: the revocation stands" asks
    is "$1: the event is no longer than that" \
        "$(($(tail -n 1 events.log | wc -c) < 8000))" 1
}
rm -f noted
start=$(date +%s)
command_is hangs "$work/bin/hang" timeout '"result":"timeout"' "and was killed"
is "hangs: not for long" "$(($(date +%s) - start < 60))" 1
read -r shell child <hanging
# What nobody has waited for yet (proc(5): Z) runs no more.
is "hangs: nothing of it is left" \
    "$(grep -L '^State:.Z' "/proc/$shell/status" "/proc/$child/status" \
        2>/dev/null)" ""
command_is fails /bin/false "exited 1" '"result":"exited","code":1' \
    "exit status 1"
command_is killed "$work/bin/killed" "killed 9" '"result":"killed","code":9' \
    "signal 9"
command_is missing "$work/bin/missing" not-run '"result":"not-run"' \
    "there is no $work/bin/missing"
command_is writable "$work/bin/writable" not-run '"result":"not-run"' \
    "so that others can write to it"
is "writable: was not run" "$(ls noted 2>/dev/null)" ""
command_is megabyte "$work/bin/megabyte" "exited 0" '"output":"' ""
log --decision signout
hasnt "megabyte: no escape" "$out" "$(printf '\033')"
has "megabyte: made visible" "$out" ' command=exited code=0 output=\\033\\033'

# A command that ends the session it runs in, and so the tool, too.
cat >bin/slow <<EOT
#!/bin/sh
: >"$work/running"
sleep 2
EOT
chmod 755 bin/slow
for signal in TERM HUP; do
    rm -f running
    fresh "\"signout_command\": [\"$work/bin/slow\"]"
    prove "$signal: first"
    "$ROLEAUTH" signout --config config.json >ended.out 2>&1 &
    tries=0
    while [ ! -e running ] && [ $tries -lt 500 ]; do
        sleep 0.02
        tries=$((tries + 1))
    done
    kill -$signal $!
    wait $!
    is "$signal: goes on to its end" "$? $(cat ended.out)" "0 ended: 1"
    is "$signal: one event" "$(signed_out)" 1
    last
    has "$signal: the command went on, too" "$out" "command: exited 0"
done

# A directory that its log cannot be written to.
fresh ''
prove "mandatory"
run signout --config config.json --log "$work/absent/log"
is "mandatory: exit status" "$status" 3
has "mandatory: told" "$err" "signed out, but not logged"
again "mandatory: the revocation stands" asks

fresh ''
sed -i "s:$work/events.log:$work/absent/log:" config.json
signout
is "optional: exit status" "$status $out" "0 ended: 0"
has "optional: told" "$err" "not logged: event file $work/absent/log"

# A full disk.
mkdir small
if mount -t tmpfs -o size=64k,mode=700 none "$work/small" 2>/dev/null; then
    mounts=$work/small
    fresh ''
    sed -i "s:$work/state:$work/small/state:" config.json
    prove "full"
    again "full: cached" cached
    head -c 100000 /dev/zero >small/rest 2>/dev/null
    signout
    is "full: exit status" "$status" 0
    has "full: told" "$err" "removing the key"
    again "full: asks" asks
    rm small/rest
    again "full: asks when there is room" asks
    umount "$work/small"
    mounts=
else
    echo "not run: a full disk: mount(8) is denied"
fi

# ---- at once -----------------------------------------------------------------
fresh '"signout_interval": 60'
prove "at once"
SHIFT=+61s
for i in 1 2 3 4 5 6 7 8; do
    "$ROLEAUTH" signout --due --config config.json >due.$i 2>&1 &
done
wait
is "at once: one signs out" "$(cat due.* | grep -c '^trigger: interval$')" 1
is "at once: the others say nothing" "$(cat due.* | wc -l)" 2
is "at once: one event" "$(signed_out)" 1

# 100 evaluations have been answered by a record and wait at another prompt.
evaluate() { # GATE N
    flock -s "$1" echo 'open sesame' |
        "$tool" eval -f roles.json --config config.json --log none --stdin \
            -D user=bob -D submithost=web1 --json >"result.$2" 2>"prompts.$2"
}
fresh ''
type_to 'correct horse
open sesame' -f roles.json --config config.json -D user=bob -D submithost=web1
outcome "running: first" 0 accept ok
: >gate1
: >gate2
exec 8<gate1 9<gate2
flock 8
flock 9
i=0
while [ $i -lt 120 ]; do
    i=$((i + 1))
    gate=gate2
    [ $i -le 20 ] && gate=gate1
    evaluate $gate $i &
done
i=0
while [ $i -lt 300 ] && [ "$(cat prompts.* 2>/dev/null | grep -o 'Then: ' |
    wc -l)" -lt 120 ]; do
    i=$((i + 1))
    sleep 0.2
done
is "running: all wait" "$(cat prompts.* | grep -o 'Then: ' | wc -l)" 120
flock -u 8
i=0
while [ $i -lt 300 ] && [ "$(cat result.* | wc -l)" -lt 20 ]; do
    i=$((i + 1))
    sleep 0.2
done
is "running: 20 finish before" \
    "$(cat result.* | grep -c '"decision":"accept"')" 20
signout
is "running: sign-out" "$out" "ended: 1"
flock -u 9
wait
is "running: all have ended" "$(cat result.* | wc -l)" 120
is "running: no more are accepted" \
    "$(cat result.* | grep -c '"decision":"accept"')" 20
is "running: 100 ask again" \
    "$(cat result.* | grep -c '"decision":"reject","reason":"cancelled"')" 100
has "running: by their prompt" "$(cat prompts.120)" "assword"
run status --config config.json
is "running: nothing is remembered" "$out" ""

# 100 that race it: none that begins once the command runs is accepted.
fresh "\"signout_command\": [\"$work/bin/when\"]"
printf '#!/bin/sh\ndate -u +%%FT%%T.%%3NZ >%s/began\nsleep 1\n' "$work" \
    >bin/when
chmod 755 bin/when
prove "race"
i=0
while [ $i -lt 100 ]; do
    i=$((i + 1))
    "$tool" eval -f roles.json --config config.json -n -D user=alice \
        -D submithost=web1 >/dev/null 2>&1 &
    [ $i = 50 ] && "$tool" signout --config config.json >/dev/null &
done
wait
began=$(cat began)
grep '"event":"evaluation"' events.log | sed \
    's/^{"time":"\([^"]*\)".*"decision":"\([a-z]*\)","reason":"\([a-z-]*\)".*/\1 \2 \3/' |
    sort >raced
is "race: all were logged" "$(wc -l <raced)" 100
is "race: accepted after it" "$(awk -v began="$began" \
    '$1 > began && $2 == "accept"' raced)" ""
is "race: nothing else" \
    "$(grep -cv -e ' accept ok$' -e ' reject prompt-needed$' raced)" 0
again "race: asks" asks

# ---- status, for a shell prompt ----------------------------------------------
# It has no process to start, and leaves everything as it is.  The build may lie
# where only root can read.
fresh '"signout_interval": 28800'
prove "prompt"
mkdir unprivileged
cp "$tool" "${BUILD_DIR:?is the build directory}/libroleauth.so.0" config.json \
    unprivileged
mv records state unprivileged
sed -i "s:$work/:$work/unprivileged/:g" unprivileged/config.json
chmod 755 "$work" unprivileged
chown -R 65534:65534 unprivileged
before=$(find unprivileged -exec stat -c '%n %s %a %y %z' {} + | sort)
# LeakSanitizer starts a process of its own.
alone() {
    ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0 \
        LD_LIBRARY_PATH=$work/unprivileged setpriv --reuid=65534 \
        --regid=65534 --clear-groups prlimit --nproc=0 "$@"
}
if alone sh -c 'true & wait' 2>/dev/null; then
    echo "not run: processes are not limited here"
else
    has "prompt: status without another process" "$(alone \
        unprivileged/roleauth status --config unprivileged/config.json 2>&1)" \
        "gp001 user=$u method=getuserpasswd"
    start=$(date +%s)
    i=0
    while [ $i -lt 20 ]; do
        i=$((i + 1))
        alone unprivileged/roleauth status --config unprivileged/config.json \
            >/dev/null
    done
    is "prompt: 20 times in no time" "$(($(date +%s) - start < 20))" 1
    is "prompt: changes nothing" \
        "$(find unprivileged -exec stat -c '%n %s %a %y %z' {} + | sort)" \
        "$before"
fi
chmod 700 "$work"

# ---- the log -----------------------------------------------------------------
fresh '"time_zone": "Asia/Kolkata"'
log
is "log: absent" "$status $out" "2 "
has "log: absent: says which" "$err" "$work/events.log"
cat >events.log <<'EOT'
{"time":"2026-03-01T10:00:00.123Z","event":"evaluation","id":"a1","decision":"accept","reason":"ok","role":"dba","message":null,"reject_message":null,"methods":[{"method":"getuserpasswd","user":"root","service":null,"result":"accept","cached":false,"attempts":2},{"method":"getuserpasswdpam","user":"carol","service":"su","result":"accept","cached":true,"attempts":0}],"requester":"alice","submithost":"web1","runuser":"postgres","notes":[]}
{"time":"2026-03-01T11:00:00.000Z","event":"evaluation","id":"a2","decision":"reject","reason":"wrong-password","role":"a role=\"x\"","message":null,"reject_message":"no\u001b[31m","methods":[],"requester":"bob","notes":["one","two \u202e"]}
no event

{"time":"2026-03-01T11:30:00.000Z","event":"evaluation","id":"a3","decision":"error","reason":"unavailable","role":null,"message":null,"reject_message":null,"methods":[],"requester":"bob","notes":[]}
{"some":"json"}
{"time":"2026-03-02T12:00:00.000Z","event":"signout","user":null,"fname":null,"ended":3,"trigger":"daily","due":"2026-03-02T11:59:00.000Z","command":{"result":"timeout","code":null,"output":"x"},"notes":["it hung"]}
{"time":null,"event":"signout","user":"alice","fname":"gp001","ended":1,"trigger":"hand","due":null,"command":null,"notes":[]}
EOT
printf '[1,2]\n"text"\n{"event":"signout","event":"signout"}\n{"event":7}\n\0\n\377\n' \
    >>events.log
log
is "log: exit status" "$status" 0
is "log: an accept" "$(printf '%s\n' "$out" | sed -n 1p)" \
    '2026-03-01 15:30:00 +0530 accept ok requester=alice submithost=web1 runuser=postgres role=dba [getuserpasswd user=root accept attempts=2] [getuserpasswdpam user=carol service=su accept remembered] id=a1'
is "log: a reject" "$(printf '%s\n' "$out" | sed -n 2p)" \
    '2026-03-01 16:30:00 +0530 reject wrong-password requester=bob role="a role=\"x\"" reject_message="no\033[31m" note=one note="two \342\200\256" id=a2'
is "log: a sign-out" "$(printf '%s\n' "$out" | sed -n 4p)" \
    '2026-03-02 17:30:00 +0530 signout daily ended=3 due="2026-03-02 17:29:00 +0530" command=timeout output=x note="it hung"'
is "log: a sign-out at an unknown time" "$(printf '%s\n' "$out" | sed -n 5p)" \
    '(time not known) signout hand user=alice fname=gp001 ended=1'
is "log: nothing else" "$(printf '%s\n' "$out" | wc -l)" 5
is "log: what is left out is told" "$err" \
    "roleauth: $work/events.log: left out: lines that are no events: 8"
# filter WHICH OPTION...: ids or ended of those that pass
filter() {
    want=$1
    shift
    log --json "$@"
    found=$(printf '%s\n' "$out" | sed 's/.*"id":"\(..\)".*/\1/
        s/.*"ended":\([0-9]*\).*/\1/')
    # shellcheck disable=SC2086
    is "filter $*" "$status $(echo $found)" "0 $want"
}
all="a1 a2 a3 3 1"
filter "$all"
log --json
is "log --json: as they are" "$(printf '%s' "$out" | sed -n 1p)" \
    "$(sed -n 1p events.log)"
filter "a1 1" --user alice
filter "a1" --user carol
filter "a2 a3" --user bob
filter "" --user nobody
filter "a1" --role dba
filter "a2" --role 'a role="x"'
filter "" --role d*
filter "a1" --decision accept
filter "a2 a3" --decision reject --decision error
filter "3 1" --decision signout
filter "1" --decision signout --user alice
filter "a2" --decision reject --user bob --until 2026-03-02
filter "a2 a3 3 1" --since 2026-03-01T11:00:00Z
filter "a1 1" --until 2026-03-01T11:00:00Z
filter "a1 1" --until '2026-03-01 16:30'
filter "a2 1" --since '2026-03-01 16:30' --until '2026-03-01 16:30:01'
filter "a1 a2 1" --until 2026-03-01T12:29:59.5+01:00
filter "3 1" --since 2026-03-02
filter "a1 a2 a3 1" --until 2026-03-02
filter "1" --since 1h
filter "$all" --until '0s ago'
filter "$all" --since 9999d
for time in "" x 2026-02-30 2026-13-01 2026-3-1 0000-01-01 2026-03-01T \
    "2026-03-01 24:00" "2026-03-01 12:60" "2026-03-01 12:00 " 2026-03-01T12Z \
    2026-03-01T12:00:00+1 2026-03-01T12:00:00.Z 2 -2h 2y 2h30m \
    99999999999999999999d "2h  ago"; do
    log --since "$time"
    is "a wrong time: '$time'" "$status $out" "2 "
    has "a wrong time: '$time': told" "$err" "--since"
done
log --decision maybe
is "a wrong decision" "$status $out" "2 "
# Times that daylight saving skips or repeats.
if [ -e /usr/share/zoneinfo/Europe/Berlin ]; then
    configure '"time_zone": "Europe/Berlin"'
    for time in 2026-03-29T01:00:00Z 2026-10-25T00:30:00Z 2026-10-25T01:30:00Z
    do
        printf '{"time":"%s","event":"signout","ended":1}\n' $time
    done >changes
    log changes
    is "log: daylight saving" "$out" \
        "2026-03-29 03:00:00 +0200 signout ? ended=1
2026-10-25 02:30:00 +0200 signout ? ended=1
2026-10-25 02:30:00 +0100 signout ? ended=1"
    log --since '2026-10-25 02:30' changes
    is "log: a time that is repeated: its first" \
        "$(printf '%s\n' "$out" | wc -l)" 2
    log --until '2026-03-29 02:30' changes
    is "log: a time that is skipped" "$out" \
        "2026-03-29 03:00:00 +0200 signout ? ended=1"
    log --until '2026-03-29 03:00' changes
    is "log: a time behind it" "$out" ""
fi
# Where it reads from.
log - <changes
has "log: standard input" "$out" "signout"
log events.log changes
is "log: two files" "$(printf '%s\n' "$out" | wc -l)" 8
log events.log absent changes
is "log: one is absent" "$status $(printf '%s\n' "$out" | wc -l)" "2 8"
ln -s changes link
log link
is "log: a link to a file" "$status" 0
ln -s /dev/zero device
mkfifo pipe
for name in device /dev/null pipe . state; do
    [ "$name" = state ] && mkdir -p state
    log "$name" </dev/null
    is "log: $name" "$status $out" "2 "
done
has "log: says what it reads" "$err" "not a regular file"
configure ''
sed -i 's/"events": \[.*\]/"events": [{"sink": "syslog"}]/' config.json
log
is "log: no file" "$status $out" "2 "
has "log: no file: the mend" "$err" '"events": [{"sink": "file"'
log changes
is "log: a file that is named" "$status" 0
configure ''
chmod 666 config.json
log changes
is "log: a configuration that others can write" "$status" 0
has "log: warns of it" "$err" "config.json: warning"
chmod 644 config.json
log --config absent.json changes
is "log: a configuration that is not there" "$status" 2
# Long lines, torn ones, and much of it.
{
    head -c 3000000 /dev/zero | tr '\0' x
    echo
    sed -n 1p events.log
    printf '{"time":"2026-03-01T10:00:00.123Z","event":"sig'
} >long
log long
is "log: a long line is left out" "$(printf '%s\n' "$out" | wc -l)" 1
has "log: and told" "$err" "no events: 1, lines of more than 1048576 bytes: 1"
if [ -z "${SANITIZE:-}" ]; then
    sed -n 1p events.log >one
    i=0
    while [ $i -lt 16 ]; do
        i=$((i + 1))
        cat one one >two
        mv two one
    done
    found=$(ulimit -v 65536
        "$tool" log --config config.json --decision reject one 2>&1)
    is "log: $(wc -c <one) bytes in constant memory" "$? $found" "0 "
fi

# ---- rotation ----------------------------------------------------------------
if command -v logrotate >/dev/null; then
    fresh ''
    signout
    sed "s:/var/log/roleauth.log:$work/events.log:" \
        "$SOURCE_DIR/examples/logrotate/roleauth" >rotate
    chmod 600 rotate
    rotate() {
        found=$(logrotate -f -s "$work/rotate.state" rotate 2>&1)
        is "rotation: $found" "$?" 0
    }
    rotate
    is "rotation: the old file" "$(grep -c signout events.log.1)" 1
    is "rotation: the new file" "$(stat -c '%a %s' events.log)" "600 0"
    signout --user alice
    is "rotation: the next event" "$(grep -c '"user":"alice"' events.log)" 1
    is "rotation: not in the old one" "$(wc -l <events.log.1)" 1
    log events.log.1 events.log
    is "rotation: both are read" "$(printf '%s\n' "$out" | grep -c signout)" 2
    rotate
    signout --user bob
    is "rotation: compressed" "$(ls events.log.2.gz)" events.log.2.gz
    zcat events.log.2.gz >plain
    log - <plain
    has "rotation: what was compressed" "$out" "signout hand ended=0"
    last
    has "rotation takes nothing from the last one" "$out" "trigger: hand"
else
    echo "not run: logrotate is not installed"
fi

# ---- the examples ------------------------------------------------------------
cp -R "$SOURCE_DIR/examples/signout" example
chmod -R go-w example
run log --config example/roleauth.json /dev/null
is "the example is read" "$status" 2
hasnt "the example is right" "$err" "example/roleauth.json"
sed "s:/var/log:$work:; s:/usr/bin/loginctl:$work/bin/note:" \
    example/roleauth.json >config.json
rm -f noted
run signout --config config.json --cache-dir "$work/records" \
    --state-dir "$work/state"
is "the example signs out" "$status" 0
is "the example runs its command" "$(cat noted)" hand

done_testing
