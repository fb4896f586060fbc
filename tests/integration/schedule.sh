#!/bin/sh
# roleauth schedule: what it writes is accepted by what reads it, and whatever
# install did, remove undoes.
. "$(dirname "$0")/lib.sh"

mounts=
clean_mounts() {
    for place in $mounts; do
        umount "$place" 2>/dev/null
    done
    [ -z "${cron_user:-}" ] || crontab -u "$cron_user" -r 2>/dev/null
    clean_up
}
trap clean_mounts EXIT

schedule() {
    run schedule "$@"
}

# Everything about a tree but its times.
snapshot() {
    (cd "$1" && find . -mindepth 1 -printf '%p %y %m %U %l\n' | sort &&
        find . -type f -exec sha256sum {} + | sort)
}

# new_root NAME [CONFIGURATION]
new_root() {
    root=$work/$1
    rm -rf "$root"
    mkdir "$root"
    [ $# -lt 2 ] && return
    mkdir -p "$root/etc/roleauth"
    printf '%s' "$2" >"$root/etc/roleauth/roleauth.json"
}
config=etc/roleauth/roleauth.json
service=etc/systemd/system/roleauth-signout.service
timer=etc/systemd/system/roleauth-signout.timer
wanted=etc/systemd/system/timers.target.wants/roleauth-signout.timer
plist=Library/LaunchDaemons/roleauth.signout.plist
cron=etc/cron.d/roleauth-signout
record=var/lib/roleauth/schedule.json

# ---- the command line --------------------------------------------------------
new_root usage
while read -r arguments; do
    # shellcheck disable=SC2086
    schedule $arguments --root "$root"
    is "usage: $arguments" "$status" 2
    has "usage: $arguments: says what" "$err" "roleauth"
    is "usage: $arguments: prints nothing" "$out" ""
    is "usage: $arguments: nothing written" "$(snapshot "$root")" ""
done <<'EOT'
instal
install
install --interval 0
install --daily none
install --no-boot
install --interval 59
install --interval 1s
install --interval 366d
install --interval 31536001
install --interval -1
install --interval 8x
install --interval 8h30m
install --interval h
install --interval 1.5h
install --interval 99999999999999999999
install --interval
install --daily 24:00
install --daily 12:60
install --daily 1:00
install --daily 12.00
install --daily 12:00:00
install --daily 29:00
install --daily -1:00
install --boot=yes
install --boot --format upstart
install --boot --format
install --boot extra
install --boot --delete-logs
install --boot --json
install --boot --config relative.json
install --boot --config /etc/../etc/x.json
install --boot --config /etc/roleauth/
show --boot
show --interval 8h
show --dry-run
show --format cron
show extra
remove --boot
remove --format cron
remove --json
remove extra
EOT
schedule
is "no action" "$status" 2
schedule --help
is "help" "$status" 0
for action in install show remove; do
    schedule $action --help
    is "help of $action" "$status" 0
    has "help of $action: text" "$out" "usage: roleauth schedule install"
done
schedule install --boot --root ""
is "an empty root" "$status" 2
schedule install --boot --root "$work/absent"
is "an absent root" "$status" 2
has "an absent root: says which" "$err" "$work/absent"
schedule install --boot --root "$root" --config "$(printf '/etc/a\nb.json')"
is "a line end in a path" "$status" 2
for action in "install --boot" show; do
    # shellcheck disable=SC2086
    schedule $action --root "$root" --config /etc/absent.json
    is "$action: a configuration that is not there" "$status" 2
    has "$action: a configuration that is not there: the mend" "$err" "make it"
    is "$action: nothing is made for it" "$(snapshot "$root")" ""
done
arguments=
i=0
while [ $i -lt 49 ]; do
    arguments="$arguments --daily $(printf '%02d:%02d' $((i / 2)) $((i % 2 * 7)))"
    i=$((i + 1))
done
# The last of them is 24:00.
# shellcheck disable=SC2086
schedule install --root "$root" $arguments
is "24:00 behind 48 times" "$status" 2
arguments=${arguments% --daily 24:00}
# shellcheck disable=SC2086
schedule install --root "$root" $arguments --daily 00:01
is "49 times" "$status" 2
# shellcheck disable=SC2086
schedule install --root "$root" --format systemd $arguments --daily 00:00
is "48 times, one of them twice: $err" "$status" 0
is "48 times are in the timer" "$(grep -c '^OnCalendar=' "$root/$timer")" 49
schedule remove --root "$root"

# interval ARGUMENT SECONDS
interval() {
    new_root interval
    schedule install --root "$root" --interval "$1"
    is "--interval $1: $err" "$status" 0
    has "--interval $1: seconds" "$(cat "$root/$config")" \
        "\"signout_interval\": $2"
}
interval 60 60
interval 90s 90
interval 30m 1800
interval 8h 28800
interval 1d 86400
interval 365d 31536000
interval 3600 3600

# ---- each format, there and back ---------------------------------------------
for format in systemd launchd cron; do
    new_root there
    mkdir -p "$root/etc/cron.d"
    before=$(snapshot "$root")
    schedule install --root "$root" --format $format --interval 8h \
        --daily 15:00 --daily 00:00 --daily 15:00 --boot
    is "$format: install: $err" "$status" 0
    is "$format: the configuration" "$(cat "$root/$config")" '{
  "signout_interval": 28800,
  "signout_daily": ["00:00", "15:00"],
  "signout_boot": true
}'
    is "$format: its mode" "$(stat -c %a "$root/$config")" 600
    is "$format: the record's mode" "$(stat -c %a "$root/$record" \
        "$root/var/lib/roleauth" | tr '\n' ' ')" "600 700 "
    is "$format: modes" "$(find "$root" -type f ! -path '*/roleauth/*' \
        ! -perm 644)" ""
    is "$format: nothing else is left" "$(find "$root" -name '.*')" ""
    is "$format: no other directory" "$(ls "$root" "$root/etc" |
        grep -c -e Library -e systemd)" \
        "$([ $format = cron ] && echo 0 || echo 1)"
    after=$(snapshot "$root")
    touch "$work/stamp"
    schedule install --root "$root"
    is "$format: again: $err" "$status" 0
    has "$format: again: says so" "$out" "nothing changed"
    is "$format: again: the same" "$(snapshot "$root")" "$after"
    schedule install --root "$root" --interval 28800 --boot \
        --daily 00:00 --daily 15:00
    has "$format: the same options" "$out" "nothing changed"
    is "$format: again: not written" \
        "$(find "$root" -type f -newer "$work/stamp")" ""

    schedule show --root "$root"
    is "$format: show: $err" "$status" 0
    has "$format: show: installed" "$out" "installed: yes"
    has "$format: show: format" "$out" "format: $format"
    has "$format: show: files" "$out" "as configured"
    schedule show --root "$root" --json
    has "$format: show --json" "$out" \
        "\"format\":\"$format\",\"config\":\"/$config\",\"interval\":28800,\"daily\":[\"00:00\",\"15:00\"],\"boot\":true,\"time_zone\":null"
    hasnt "$format: show --json: states" "$out" '"state":"differs"'
    is "$format: show changes nothing" "$(snapshot "$root")" "$after"

    # A trigger that is changed by hand is not yet in the timers; what is
    # not given stays.
    sed -i 's/"15:00"/"15:30"/; s/28800/60/' "$root/$config"
    schedule show --root "$root"
    is "$format: differs" "$status" 1
    has "$format: differs: says so" "$out" ": differs"
    schedule install --root "$root" --no-boot
    is "$format: changed: $err" "$status" 0
    schedule show --root "$root"
    is "$format: changed: shown" "$status" 0
    is "$format: changed: the configuration" "$(cat "$root/$config")" '{
  "signout_interval": 60,
  "signout_daily": ["00:00", "15:30"]
}'

    new_root there
    mkdir -p "$root/etc/cron.d"
    schedule install --root "$root" --format $format --daily 06:00
    schedule remove --root "$root" --dry-run
    is "$format: remove --dry-run: $err" "$status" 0
    has "$format: remove --dry-run: says what" "$out" "# would remove /"
    is "$format: remove --dry-run: removes nothing" \
        "$([ -e "$root/$record" ] && echo there)" there
    schedule remove --root "$root"
    is "$format: remove: $err" "$status" 0
    is "$format: removed" "$(snapshot "$root")" "$before"
    schedule remove --root "$root"
    is "$format: remove again: $err" "$status" 0
    has "$format: remove again: says so" "$out" "nothing is installed"
    schedule show --root "$root"
    is "$format: show of nothing" "$status" 1
    has "$format: show of nothing: says so" "$out" "installed: no"
    is "$format: all that leaves nothing" "$(snapshot "$root")" "$before"
done

# From one format to another, and back.
new_root formats
schedule install --root "$root" --format cron --boot
schedule install --root "$root" --format systemd
is "cron to systemd: $err" "$status" 0
is "cron to systemd: no cron" "$(ls "$root/etc/cron.d" 2>&1)" ""
schedule install --root "$root" --daily 12:00
has "the format stays" "$out" "replaced /$timer"
schedule install --root "$root" --format launchd
is "systemd to launchd: no units" \
    "$(find "$root/etc/systemd" ! -type d)" ""
schedule remove --root "$root"
is "all formats are gone" "$(snapshot "$root")" ""

# Without a record of it, files that are ours go all the same.
new_root unrecorded
schedule install --root "$root" --format systemd --boot
rm "$root/$record"
schedule remove --root "$root"
is "no record: $err" "$status" 0
is "no record: no units" "$(find "$root/etc/systemd" ! -type d)" ""
is "no record: the configuration stays" "$(ls "$root/$config")" "$root/$config"

# ---- a dry run ---------------------------------------------------------------
new_root dry '{"prompt_timeout": 7}'
before=$(snapshot "$root")
touch "$work/stamp"
for format in systemd launchd cron; do
    schedule install --root "$root" --dry-run --format $format --daily 09:15
    is "dry: $format: $err" "$status" 0
    has "dry: $format: the configuration" "$out" \
        '{"prompt_timeout": 7, "signout_daily": ["09:15"]}'
    has "dry: $format: a file" "$out" "Made by roleauth schedule install"
    hasnt "dry: $format: starts nothing below a root" "$out" "would run"
done
is "dry: the same" "$(snapshot "$root")" "$before"
is "dry: nothing newer" "$(find "$root" -newer "$work/stamp")" ""
mkdir "$work/empty"
schedule install --root "$work/empty" --dry-run --boot
is "dry: an empty root: $err" "$status" 0
is "dry: an empty root stays empty" "$(ls -A "$work/empty")" ""

# ---- systemd -----------------------------------------------------------------
# unit_ok WHAT: with the tool that was built in the place of the installed one.
unit_ok() {
    rm -rf verify
    mkdir verify
    for unit in $service $timer; do
        sed "s|^ExecStart=\"[^\"]*\"|ExecStart=\"$ROLEAUTH\"|" \
            "$root/$unit" >"verify/$(basename $unit)"
    done
    is "$1: systemd-analyze verify" "$(systemd-analyze verify --man=no \
        verify/roleauth-signout.timer verify/roleauth-signout.service 2>&1 |
        grep -v 'Unit [a-z.-]* not found')" ""
    sed -n 's/^OnCalendar=//p' "$root/$timer" >times
    while read -r time; do
        systemd-analyze calendar "$time" >.calendar 2>&1 ||
            bad "$1: systemd-analyze calendar '$time': $(cat .calendar)"
        ok
    done <times
    for span in $(sed -n 's/^\(On.*\|TimeoutStart\)Sec=//p' "$root/$timer"); do
        systemd-analyze timespan "$span" >.span 2>&1 ||
            bad "$1: systemd-analyze timespan '$span': $(cat .span)"
        ok
    done
}

if command -v systemd-analyze >/dev/null; then
    for zone in "" Europe/Berlin America/Sao_Paulo Australia/Lord_Howe \
        Asia/Kolkata UTC Etc/GMT+5; do
        [ -z "$zone" ] || [ -e "/usr/share/zoneinfo/$zone" ] || continue
        new_root units "{\"time_zone\": \"$zone\"}"
        schedule install --root "$root" --format systemd --interval 30m \
            --daily 02:30 --daily 00:00 --daily 23:59 --boot
        is "units: $zone: $err" "$status" 0
        unit_ok "units: $zone"
        has "units: $zone: each time" "$(cat times)" \
            "*-*-* 02:30:00${zone:+ $zone}"
        has "units: $zone: each hour" "$(cat times)" "*-*-* *:00:00"
        is "units: $zone: how many" "$(wc -l <times)" 4
    done
    for line in OnBootSec=0 OnActiveSec=0 OnUnitActiveSec=120s Persistent=true \
        OnClockChange=yes OnTimezoneChange=yes WantedBy=timers.target \
        Unit=roleauth-signout.service; do
        has "timer: $line" "$(cat "$root/$timer")" "$line"
    done
    has "service: kind" "$(cat "$root/$service")" "Type=oneshot"
    is "enabled" "$(readlink "$root/$wanted")" "/$timer"
    # Does it say anything of a wrong one?
    printf '[Timer]\nOnCalendar=25:00\n' >verify/wrong.timer
    cp verify/roleauth-signout.service verify/wrong.service
    has "verify finds what is wrong" "$(systemd-analyze verify --man=no \
        verify/wrong.timer 2>&1)" "25:00"
    for options in "--interval 1d" "--boot" "--daily 04:00"; do
        new_root units
        # shellcheck disable=SC2086
        schedule install --root "$root" --format systemd $options
        unit_ok "units: $options"
    done
    hasnt "timer: no interval, no poll" "$(cat "$root/$timer")" OnUnitActive
    hasnt "timer: no boot" "$(cat "$root/$timer")" OnBoot

    # Odd paths, and places that the service would not write to.
    new_root units
    odd='/etc/roleauth/a "b" %c $d \e '"'f'.json"
    mkdir -p "$root/etc/roleauth"
    printf '%s' '{"state_directory": "/etc/roleauth/st%te/x",
        "events": [{"sink": "file", "path": "/usr/local/l\"og/events"},
                   {"sink": "file", "path": "/var/log/events"}]}' \
        >"$root$odd"
    schedule install --root "$root" --format systemd --boot --config "$odd"
    is "odd: $err" "$status" 0
    unit_ok "odd"
    has "odd: quoted" "$(grep ^ExecStart "$root/$service")" \
        '--config "/etc/roleauth/a \"b\" %%c $$d \\e '"'f'.json\""
    is "odd: writable" "$(grep ^ReadWritePaths "$root/$service")" \
        'ReadWritePaths="-/etc/roleauth/st%%te"
ReadWritePaths="-/usr/local/l\"og"'
    schedule show --root "$root"
    is "odd: the record knows which configuration: $err" "$status" 0
    schedule install --root "$root" --boot --config /etc/other.json
    is "odd: another configuration" "$status" 2
    has "odd: another configuration: the mend" "$err" "remove comes first"
    schedule remove --root "$root"
    is "odd: removed: $err" "$status" 0
    is "odd: only the configuration is left" \
        "$(cd "$root" && find . ! -type d)" ".$odd"
else
    echo "not run: systemd-analyze is not installed"
fi

# ---- launchd -----------------------------------------------------------------
if command -v xmllint >/dev/null; then
    cat >plist.dtd <<'EOT'
<!ENTITY % value "(array|dict|string|integer|true|false)">
<!ELEMENT plist %value;>
<!ATTLIST plist version CDATA "1.0">
<!ELEMENT dict (key, %value;)*>
<!ELEMENT array (%value;)*>
<!ELEMENT key (#PCDATA)>
<!ELEMENT string (#PCDATA)>
<!ELEMENT integer (#PCDATA)>
<!ELEMENT true EMPTY>
<!ELEMENT false EMPTY>
EOT
    # value KEY: what follows it in the topmost dict
    value() {
        xmllint --nonet --xpath \
            "string(/plist/dict/key[.='$1']/following-sibling::*[1])" \
            "$root/$plist"
    }
    # entries: the times of StartCalendarInterval
    entries() {
        xmllint --nonet --xpath "count(/plist/dict/key[.= \
            'StartCalendarInterval']/following-sibling::*[1]/self::array/dict)" \
            "$root/$plist"
    }
    plist_ok() {
        is "$1: well formed" "$(xmllint --nonet --noout "$root/$plist" 2>&1)" ""
        # The document type that it names is on the network.
        is "$1: a document type" "$(sed -n 2p "$root/$plist")" \
            '<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">'
        sed 2d "$root/$plist" >plain.plist
        is "$1: valid" "$(xmllint --nonet --noout --dtdvalid plist.dtd \
            plain.plist 2>&1)" ""
        is "$1: label" "$(value Label)" roleauth.signout
        is "$1: at load" "$(xmllint --nonet --xpath "name(/plist/dict/key[.= \
            'RunAtLoad']/following-sibling::*[1])" "$root/$plist")" true
        is "$1: a mark of its own" "$(sed -n 3p "$root/$plist" |
            grep -c 'Made by roleauth')" 1
    }
    new_root plist
    odd='/etc/<a> & "b" --c.json'
    mkdir "$root/etc"
    echo '{}' >"$root$odd"
    schedule install --root "$root" --format launchd --interval 1h \
        --daily 02:30 --daily 23:59 --config "$odd"
    is "plist: $err" "$status" 0
    plist_ok "plist"
    is "plist: interval" "$(value StartInterval)" 300
    is "plist: entries" "$(entries)" 3
    is "plist: an odd path" "$(xmllint --nonet --xpath \
        'string(/plist/dict/array[1]/string[5])' "$root/$plist")" "$odd"
    sed 's/<true/<maybe/' plain.plist >wrong.plist
    has "the document type finds what is wrong" "$(xmllint --nonet --noout \
        --dtdvalid plist.dtd wrong.plist 2>&1)" maybe
    new_root plist '{"time_zone": "Asia/Kolkata"}'
    schedule install --root "$root" --format launchd --daily 02:35
    plist_ok "plist of another zone"
    is "plist of another zone: entries" "$(entries)" 5
    is "plist without an interval" "$(value StartInterval)" ""
else
    echo "not run: xmllint is not installed"
fi

# ---- cron --------------------------------------------------------------------
# minutes OPTION...: on which minutes it asks
minutes() {
    new_root minutes
    schedule install --root "$root" --format cron "$@"
    sed -n 's/^\([0-9*,]*\) \* \* \* \* root .*/\1/p' "$root/$cron"
}
is "cron: boot" "$(minutes --boot)" 0
is "cron: daily" "$(minutes --daily 15:05)" 0,5,20,35,50
is "cron: two" "$(minutes --daily 15:05 --daily 02:30)" 0,5,15,20,30,35,45,50
is "cron: 8h" "$(minutes --interval 8h)" 0,5,10,15,20,25,30,35,40,45,50,55
is "cron: 37m" "$(minutes --interval 37m)" \
    0,3,6,9,12,15,18,21,24,27,30,33,36,39,42,45,48,51,54,57
is "cron: 60s" "$(minutes --interval 60)" '*'
is "cron: 25h" "$(minutes --interval 25h)" 0,5,10,15,20,25,30,35,40,45,50,55

new_root cron
odd="/etc/a b%c 'd' \$e \"f\" \\g.json"
mkdir "$root/etc"
echo '{}' >"$root$odd"
schedule install --root "$root" --format cron --interval 3h --boot \
    --config "$odd"
is "cron: $err" "$status" 0
is "cron: a line at boot" "$(grep -c '^@reboot root ' "$root/$cron")" 1
is "cron: a name that cron takes" \
    "$(ls "$root/etc/cron.d" | grep -c '^[A-Za-z0-9_-]*$')" 1
# crontab(5) has no user in its lines.
sed 's/^\([0-9*].*\* \|@reboot \)root /\1/' "$root/$cron" >lines
if command -v crontab >/dev/null; then
    checked=
    for option in -T -n; do
        if crontab $option lines >.crontab 2>&1; then
            checked=$option
            printf 'SHELL\n0 0 32 * * true\n' >wrong
            crontab $option wrong >/dev/null 2>&1 && bad "crontab $option takes anything"
            break
        fi
    done
    is "cron: crontab accepts the lines: $(cat .crontab)" "${checked:+yes}" yes
    if [ "$(id -u)" = 0 ] && command -v useradd >/dev/null; then
        cron_user=ra-cron-$$
        new_user "$cron_user" secret
        found=$(crontab -u "$cron_user" lines 2>&1)
        is "cron: a crontab: $found" "$?" 0
        is "cron: as it was given" "$(crontab -u "$cron_user" -l |
            grep -v '^# \(DO NOT\|(.*\)')" "$(cat lines)"
        crontab -u "$cron_user" -r
        cron_user=
    fi
else
    echo "not run: crontab is not installed"
fi
# What the shell of cron(8) makes of it, which has taken \% for %.
cat >arguments <<'EOT'
#!/bin/sh
for argument; do
    printf '<%s>' "$argument" >&2
done
EOT
chmod 755 arguments
command=$(sed -n "s|^@reboot '[^']*'|$work/arguments|p" lines | sed 's/\\%/%/g')
is "cron: arguments" "$(sh -c "$command" 2>&1)" \
    "<signout><--due><--config><$odd>"

# ---- the configuration keeps its layout --------------------------------------
# layout BEFORE AFTER OPTION...: and remove puts every byte back
layout() {
    given=$1
    expected=$2
    shift 2
    new_root layout "$given"
    chmod 640 "$root/$config"
    cp -p "$root/$config" before.json
    schedule install --root "$root" --format cron "$@"
    is "layout: $given: $err" "$status" 0
    is "layout: $given" "$(cat "$root/$config")" "$expected"
    is "layout: $given: mode" "$(stat -c %a "$root/$config")" 640
    schedule remove --root "$root"
    is "layout: $given: remove: $err" "$status" 0
    cmp -s before.json "$root/$config" ||
        bad "layout: $given: is $(cat "$root/$config")"
    is "layout: $given: mode again" "$(stat -c %a "$root/$config")" 640
}
layout '{}' '{
  "signout_boot": true
}' --boot
layout ' {  } ' ' {
  "signout_interval": 60
} ' --interval 60
layout '{"survive_reboot":true}' '{"survive_reboot":true, "signout_boot": true}' \
    --boot
layout '{ "survive_reboot":true }' \
    '{ "survive_reboot":true, "signout_boot": true }' --boot
tab=$(printf '\t')
layout "{
$tab\"retry_message\": \"a \\\" } ] , \\\\\",
$tab\"events\": [{\"sink\": \"file\", \"path\": \"/x/{\"}, {\"sink\": \"syslog\"}]
}
" "{
$tab\"retry_message\": \"a \\\" } ] , \\\\\",
$tab\"events\": [{\"sink\": \"file\", \"path\": \"/x/{\"}, {\"sink\": \"syslog\"}],
$tab\"signout_interval\": 7200,
$tab\"signout_daily\": [\"01:00\", \"13:00\"]
}" --interval 2h --daily 13:00 --daily 01:00
layout '{"signout_boot": true, "signout_daily" : [ "03:00" , "04:00" ] , "prompt_timeout":5}' \
    '{"signout_boot": true, "signout_daily" : ["05:00"] , "prompt_timeout":5}' \
    --daily 05:00
layout '{"signout_interval": 60, "signout_boot": true}' '{ "signout_boot": true}' \
    --interval 0
layout '{"signout_boot": true, "signout_interval": 60}' '{"signout_boot": true}' \
    --interval 0
layout '{"prompt_timeout": 5, "signout_interval": 60, "signout_boot": true}' \
    '{"prompt_timeout": 5, "signout_boot": true}' --interval 0
layout '{
  "signout_daily": ["03:00"],
  "signout_boot": false
}' '{
  "signout_boot": true
}' --daily none --boot
# A name in escapes cannot be found by its letters: the layout goes, nothing
# else.
layout '{"\u0073ignout_boot":false,"prompt_timeout":5}' '{
  "signout_boot": true,
  "prompt_timeout": 5
}' --boot

# What somebody changed since the install stays.
new_root since '{"signout_interval": 3600, "signout_boot": true}'
schedule install --root "$root" --format cron --interval 2h --daily 10:00
sed -i 's/"10:00"/"11:00"/; s/{/{"prompt_timeout": 9, /' "$root/$config"
schedule remove --root "$root"
is "changed since: status" "$status" 1
has "changed since: says what" "$err" "signout_daily stays"
is "changed since: the rest goes back" "$(cat "$root/$config")" \
    '{"prompt_timeout": 9, "signout_interval": 3600, "signout_boot": true, "signout_daily": ["11:00"]}'
is "changed since: files are gone" "$(find "$root" -type f)" "$root/$config"

# Two installs and an edit between them: back to before the first.
new_root twice '{"signout_interval": 3600}'
schedule install --root "$root" --format cron --interval 2h
sed -i 's/{/{"prompt_timeout": 9, /' "$root/$config"
schedule install --root "$root" --interval 3h --boot
schedule remove --root "$root"
is "twice: $err" "$status" 0
is "twice: the configuration" "$(cat "$root/$config")" \
    '{"prompt_timeout": 9, "signout_interval": 3600}'
new_root twice '{"signout_interval": 3600}'
before=$(snapshot "$root")
schedule install --root "$root" --format cron --interval 2h
schedule install --root "$root" --format systemd --interval 3h --boot
schedule install --root "$root" --format cron --daily 10:00
schedule remove --root "$root"
is "three installs and none between them" "$(snapshot "$root")" "$before"

# A configuration that the library refuses.
for text in '{"signout_interval": 59}' '{"unknown": 1}' '[]' '{' '' '{} {}' \
    '{"signout_boot": true, "signout_boot": false}' \
    '{"signout_daily": ["10:00", "10:00"]}' \
    '{"time_zone": "Nowhere/At_all"}'; do
    new_root refused "$text"
    before=$(snapshot "$root")
    for action in "install --boot" "install --boot --dry-run" show; do
        # shellcheck disable=SC2086
        schedule $action --root "$root"
        is "refused: $action: $text" "$status" 2
        has "refused: $action: $text: says where" "$err" roleauth.json
    done
    is "refused: $text: nothing written" "$(snapshot "$root")" "$before"
done
# Timers can be removed with it.
new_root refused
schedule install --root "$root" --format cron --boot
echo '{' >"$root/$config"
schedule remove --root "$root"
is "a broken configuration: remove" "$status" 1
is "a broken configuration: no timer" "$(find "$root" -name 'roleauth-*')" ""
schedule remove --root "$root" --delete-logs
is "a broken configuration: no logs without it" "$status" 2

# A directory that its owner takes away as soon as it is made, for a link.
new_root race
echo precious >"$work/private"
chmod 600 "$work/private"
if command -v strace >/dev/null && strace -e trace=none true 2>/dev/null; then
    (
        tries=0
        while [ ! -d "$root/var" ] && [ $tries -lt 500 ]; do
            sleep 0.02
            tries=$((tries + 1))
        done
        mv "$root/var" "$root/taken" && ln -s "$work/private" "$root/var"
    ) &
    # LeakSanitizer cannot work below ptrace(2).
    ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0 strace -f \
        -o "$work/race.calls" -e trace=mkdirat \
        -e inject=mkdirat:delay_exit=1000000:when=1 \
        "$ROLEAUTH" schedule install --root "$root" --format cron --boot \
        >/dev/null 2>&1
    is "a link instead of a new directory: refused" "$?" 2
    wait
    is "a link instead of a new directory: was there" \
        "$(readlink "$root/var")" "$work/private"
    is "a link instead of a new directory: not followed" \
        "$(stat -c %a "$work/private")" 600
else
    echo "not run: a directory that is taken away needs strace(1)"
fi

# A file size that is limited is a disk that is full for the configuration, but
# not for the smaller note.
long=$(head -c 6000 /dev/zero | tr '\0' 'x')
new_root unrestored "{\"retry_message\": \"no\", \"signout_interval\": 3600}"
schedule install --root "$root" --format cron --interval 8h
sed -i "s/\"no\"/\"$long\"/" "$root/$config"
installed=$(cat "$root/$config")
note=$(cat "$root/$record")
limited() {
    out=$(trap '' XFSZ; ulimit -f 8
        "$ROLEAUTH" schedule "$@" --root "$root" 2>&1 | cat)
}
limited install --interval 4h
has "no room for the configuration: install" "$out" "File too large"
is "no room for the configuration: install: it stays" \
    "$(cat "$root/$config")" "$installed"
is "no room for the configuration: install: so does the note" \
    "$(cat "$root/$record")" "$note"
limited remove
has "no room for the configuration: remove" "$out" "File too large"
is "no room for the configuration: remove: it stays" \
    "$(cat "$root/$config")" "$installed"
is "no room for the configuration: remove: so does the note" \
    "$(cat "$root/$record")" "$note"
schedule remove --root "$root"
is "room again: remove: $err" "$status" 0
has "room again: remove: the former triggers" "$(cat "$root/$config")" \
    '"signout_interval": 3600'
is "room again: remove: no note" "$(ls "$root/$record" 2>/dev/null)" ""

# What could put a line of its own into a unit.
for key in store_directory state_directory; do
    new_root lines "{\"$key\": \"/etc/x\\nExecStartPre=/bin/true/y\"}"
    schedule install --root "$root" --format systemd --boot
    is "a line end in $key: refused" "$status" 2
    has "a line end in $key: says why" "$err" "control character"
    is "a line end in $key: no unit" "$(find "$root" -name 'roleauth-*')" ""
done

# ---- what is in the way ------------------------------------------------------
# in_the_way WHAT PATH FORMAT: it is refused, and nothing is written
in_the_way() {
    before=$(snapshot "$root")
    schedule install --root "$root" --format "$3" --boot
    is "$1: refused" "$status" 2
    has "$1: says where" "$err" "/$2"
    is "$1: nothing written" "$(snapshot "$root")" "$before"
}
new_root way
mkdir -p "$root/etc/systemd/system" "$root/etc/cron.d"
echo '[Timer]' >"$root/$timer"
in_the_way "a foreign timer" $timer systemd
schedule remove --root "$root"
is "a foreign timer: remove does not mind" "$status" 0
is "a foreign timer: stays" "$(cat "$root/$timer")" '[Timer]'
rm "$root/$timer"
printf '# Made by roleauth schedule install\n' >"$root/$cron"
in_the_way "a mark without a checksum" $cron cron
rm "$root/$cron"
: >"$root/$cron"
in_the_way "an empty file" $cron cron
rm "$root/$cron"
ln -s ../../outside "$root/$cron"
in_the_way "a dangling link" $cron cron
echo precious >"$work/precious"
ln -sf "$work/precious" "$root/$cron"
in_the_way "a link to a file" $cron cron
is "a link to a file: it is as it was" "$(cat "$work/precious")" precious
rm "$root/$cron"
mkfifo "$root/$cron"
in_the_way "a FIFO" $cron cron
rm "$root/$cron"
mkdir "$root/$cron"
in_the_way "a directory" $cron cron
rmdir "$root/$cron"
head -c 70000 /dev/zero | tr '\0' '#' >"$root/$cron"
in_the_way "a large file" $cron cron
rm "$root/$cron"
mkdir -p "$root/etc/systemd/system/timers.target.wants"
ln -s /dev/null "$root/$wanted"
in_the_way "another link" $wanted systemd
rm -r "$root/etc/systemd"
echo file >"$root/etc/systemd"
in_the_way "a file for a directory" etc/systemd systemd

# No link leads out of the root.
for way in etc etc/cron.d etc/roleauth var var/lib/roleauth; do
    new_root way
    rm -rf "$work/outside"
    mkdir -p "$work/outside" "$(dirname "$root/$way")"
    ln -s "$work/outside" "$root/$way"
    in_the_way "a link for $way" $way cron
    is "a link for $way: nothing outside" "$(ls -A "$work/outside")" ""
done
new_root way
mkdir -p "$root/etc/roleauth"
echo '{}' >"$work/outside.json"
ln -s "$work/outside.json" "$root/$config"
in_the_way "a link for the configuration" $config cron
is "a link for the configuration: outside" "$(cat "$work/outside.json")" '{}'
rm "$root/$config"
mkdir -p "$root/var/lib/roleauth"
ln -s "$work/outside.json" "$root/$record"
in_the_way "a link for the record" $record cron
rm "$root/$record"
for text in '' '{' '[]' '{}' '{"format": "upstart", "config": "/x", "former": {}}' \
    '{"format": "cron", "config": 1, "former": {}}'; do
    printf '%s' "$text" >"$root/$record"
    in_the_way "a record: $text" $record cron
    schedule remove --root "$root"
    is "a record: $text: remove" "$status" 2
done

# Somebody's changes are not overwritten, nor removed.
new_root edited
schedule install --root "$root" --format systemd --boot
echo 'RandomizedDelaySec=1h' >>"$root/$timer"
schedule show --root "$root"
is "edited: show" "$status" 1
has "edited: show says so" "$out" "was changed by somebody"
before=$(snapshot "$root")
for options in "--daily 08:00" "--format cron"; do
    # shellcheck disable=SC2086
    schedule install --root "$root" $options
    is "edited: install $options" "$status" 2
    has "edited: install $options: the mend" "$err" "systemctl edit"
    is "edited: install $options: nothing written" "$(snapshot "$root")" "$before"
done
schedule remove --root "$root"
is "edited: remove" "$status" 1
has "edited: remove: says so" "$err" "$timer stays"
is "edited: it alone stays" "$(cd "$root" && find . ! -type d)" "./$timer"

# At work at the same time.
if command -v flock >/dev/null; then
    new_root busy
    schedule install --root "$root" --format cron --boot
    before=$(snapshot "$root")
    for action in "install --daily 10:00" remove show; do
        # shellcheck disable=SC2086
        flock "$root/var/lib/roleauth" "$ROLEAUTH" schedule $action \
            --root "$root" >/dev/null 2>.err
        is "busy: $action" "$?" 3
        has "busy: $action: says so" "$(cat .err)" "try again"
    done
    flock -s "$root/var/lib/roleauth" "$ROLEAUTH" schedule show \
        --root "$root" >/dev/null
    is "busy: two that look" "$?" 0
    is "busy: nothing changed" "$(snapshot "$root")" "$before"
fi
new_root race
for i in 1 2 3 4 5 6 7 8; do
    "$ROLEAUTH" schedule install --root "$root" --format cron \
        --daily "0$i:00" >/dev/null 2>&1 &
done
wait
schedule show --root "$root"
is "a race: all fits together: $out" "$status" 0
schedule remove --root "$root"
is "a race: removed: $err" "$status" 0
is "a race: nothing is left" "$(find "$root" ! -type d)" ""

# ---- logs --------------------------------------------------------------------
new_root logs '{"events": [{"sink": "file", "path": "/var/log/role/auth.log"},
    {"sink": "syslog"}, {"sink": "file", "path": "/srv/second"},
    {"sink": "file", "path": "/absent/third"},
    {"sink": "file", "path": "/var/log/linked"}]}'
schedule install --root "$root" --format cron --boot
mkdir -p "$root/var/log/role" "$root/srv/second.5"
stay="auth.log.old auth.log. auth.log.1.gz.bak auth.log.1x auth.log.a
    auth.log-1 auth.log-2026112 auth.logs auth.log.1/ xauth.log
    .auth.log.1 auth.log-20261122.doc"
go="auth.log auth.log.1 auth.log.2.gz auth.log.10.xz auth.log.3.bz2
    auth.log.4.zst auth.log-20261122 auth.log-20261122.gz
    auth.log-2026112215"
for name in $go $stay; do
    case $name in
    */) ;;
    *) echo "$name" >"$root/var/log/role/$name" ;;
    esac
done
ln -s "$work/precious" "$root/var/log/role/auth.log.7"
ln -s "$work/precious" "$root/var/log/linked"
echo 2 >"$root/srv/second"
before=$(cd "$root" && find var/log srv | sort)
schedule remove --root "$root" --delete-logs --dry-run
has "logs: dry" "$out" "# would remove /var/log/role/auth.log"
is "logs: dry: stay" "$(cd "$root" && find var/log srv | sort)" "$before"
cp -a "$root" "$work/logs-kept"
schedule remove --root "$work/logs-kept"
is "logs: they stay: $err" "$status" 0
is "logs: all of them" "$(cd "$work/logs-kept" && find var/log srv | sort)" \
    "$before"
schedule remove --root "$root" --delete-logs
is "logs: links and directories stay" "$status" 1
has "logs: says so of a link" "$err" "auth.log.7 stays"
has "logs: says so of a directory" "$err" "second.5 stays"
for name in $go; do
    [ -e "$root/var/log/role/$name" ] && bad "logs: $name is there"
    ok
done
for name in $stay; do
    case $name in
    */) continue ;;
    esac
    [ -e "$root/var/log/role/$name" ] || bad "logs: $name is gone"
    ok
done
is "logs: the second one" "$(ls "$root/srv")" second.5
is "logs: what a link leads to" "$(cat "$work/precious")" precious

# ---- where nothing can be written --------------------------------------------
if [ "$(id -u)" = 0 ]; then
    if setpriv --reuid 65534 --regid 65534 --clear-groups "$ROLEAUTH" \
        --version >/dev/null 2>&1 && chmod 755 "$work"; then
        unprivileged() {
            setpriv --reuid 65534 --regid 65534 --clear-groups \
                "$ROLEAUTH" schedule "$@" >"$work/.out" 2>"$work/.err"
            status=$?
            err=$(cat "$work/.err")
        }
    else
        unprivileged() {
            status=
        }
        echo "not run: nobody cannot run $ROLEAUTH"
    fi
else
    unprivileged() {
        schedule "$@"
    }
fi
new_root readonly
mkdir -p "$root/etc/cron.d" "$root/etc/roleauth" "$root/var/lib/roleauth"
[ "$(id -u)" != 0 ] || chown -R 65534:65534 "$root"
chmod 700 "$root/var/lib/roleauth"
unprivileged install --root "$root" --format cron --boot
if [ -n "$status" ]; then
    is "a root of one's own: $err" "$status" 0
    unprivileged remove --root "$root"
    is "a root of one's own: remove: $err" "$status" 0
    for place in etc/cron.d etc/roleauth var/lib/roleauth; do
        chmod 555 "$root/$place"
        before=$(snapshot "$root")
        unprivileged install --root "$root" --format cron --boot
        is "$place is read-only" "$status" 2
        has "$place is read-only: the mend" "$err" "run as root"
        chmod 755 "$root/$place"
        unprivileged remove --root "$root"
        is "$place is read-only: remove: $err" "$status" 0
        chmod 555 "$root/$place"
        is "$place is read-only: nothing is left" "$(snapshot "$root")" "$before"
        chmod 755 "$root/$place"
        [ $place != var/lib/roleauth ] || chmod 700 "$root/$place"
    done
    unprivileged install --boot --format cron
    is "not as root: install" "$status" 2
    has "not as root: install: the mend" "$err" "run as root"
fi

# A disk that is full at any moment.
root=$work/full
mkdir "$root"
if [ "$(id -u)" = 0 ] && mount -t tmpfs -o size=64k tmpfs "$root" 2>/dev/null; then
    mounts=$root
    mkdir -p "$root/etc/cron.d" "$root/etc/roleauth" "$root/var/lib/roleauth"
    chmod 700 "$root/var/lib/roleauth"
    dd if=/dev/zero of="$root/filler" bs=4k 2>/dev/null
    before=$(snapshot "$root")
    schedule install --root "$root" --format cron --boot
    is "full: status" "$status" 2
    has "full: says why" "$err" "No space left"
    is "full: nothing written" "$(snapshot "$root")" "$before"
    umount "$root"
    inodes=2
    status=2
    while [ "$status" != 0 ] && [ $inodes -lt 40 ]; do
        mount -t tmpfs -o nr_inodes=$inodes tmpfs "$root" || break
        schedule install --root "$root" --format systemd --boot --daily 10:00
        if [ "$status" != 0 ]; then
            is "full: $inodes inodes: status" "$status" 2
            has "full: $inodes inodes: says why" "$err" "No space left"
            is "full: $inodes inodes: nothing half written" \
                "$(find "$root" -name '.*' -o -name '*.trial')" ""
            run schedule remove --root "$root"
            is "full: $inodes inodes: remove: $err" "$status" 0
            is "full: $inodes inodes: all undone" "$(snapshot "$root")" ""
            status=2
        fi
        umount "$root"
        inodes=$((inodes + 1))
    done
    is "full: at last there is room" "$status" 0
    is "full: it took several sizes" "$((inodes > 12))" 1
    mounts=
else
    echo "not run: no small file system can be mounted"
fi

# ---- without --root ----------------------------------------------------------
# In a name space of its own, where /etc, /var/lib and /run are copies or empty,
# and systemctl is a program that only notes how it is called.
cat >inside <<'EOT'
. "$SOURCE_DIR/tests/integration/lib.sh"
trap - EXIT
rm -rf "$work"
work=$outer
cd "$work" || exit 1
log=$work/systemctl.log
called() {
    cat "$log" 2>/dev/null
    rm -f "$log"
}
units=/etc/systemd/system
PATH=$work/bin:$PATH

run schedule install --daily 10:00 --dry-run
is "machine: dry: $err" "$status" 0
has "machine: dry: reload" "$out" "# would run: systemctl daemon-reload"
has "machine: dry: enable" "$out" \
    "# would run: systemctl enable --now roleauth-signout.timer"
is "machine: dry: nothing there" "$(ls /etc/roleauth /var/lib/roleauth 2>&1 |
    grep -v 'No such')" ""
is "machine: dry: nothing called" "$(called)" ""

run schedule install --daily 10:00
is "machine: not booted: $err" "$status" 0
has "machine: not booted: says so" "$err" "nothing was started"
is "machine: not booted: nothing called" "$(called)" ""
is "machine: systemd, for systemctl is there" \
    "$(ls $units/roleauth-signout.timer)" $units/roleauth-signout.timer

mkdir -p /run/systemd/system
run schedule install --daily 11:00
is "machine: booted: $err" "$status" 0
is "machine: booted: called" "$(called)" "daemon-reload
enable --now roleauth-signout.timer"
run schedule install
has "machine: again" "$out" "nothing changed"
is "machine: again: started all the same" "$(called)" "daemon-reload
enable --now roleauth-signout.timer"
# Where we were started is no place for programs, whatever PATH says.
printf '#!/bin/sh\n: >%s/fooled\n' "$work" >systemctl
chmod 755 systemctl
for path in ":$PATH" ".:$PATH"; do
    PATH=$path run schedule install
    is "machine: PATH=${path%%/*}: $err" "$status" 0
    is "machine: PATH=${path%%/*}: the right one" "$(called)" "daemon-reload
enable --now roleauth-signout.timer"
    is "machine: PATH=${path%%/*}: not that of here" "$(ls fooled 2>/dev/null)" ""
done
rm systemctl
run schedule show
is "machine: show: $err" "$status" 0
has "machine: show: last" "$out" "last: none"
has "machine: show: next" "$out" "next: "
has "machine: show: why" "$out" "(daily)"
is "machine: show: calls nothing" "$(called)" ""
run schedule show --json
has "machine: show --json" "$out" '"last":null,"next":{"time":"20'

"$ROLEAUTH" signout >/dev/null 2>&1
run schedule show
hasnt "machine: a sign-out" "$out" "last: none"
has "machine: a sign-out by hand" "$out" "(hand)"
run schedule show --json
has "machine: a sign-out, for programs" "$out" '"trigger":"hand"}'

ROLEAUTH_FAIL=1 run schedule install --daily 12:00
is "machine: systemctl fails" "$status" 3
has "machine: systemctl fails: says so" "$err" "systemctl enable failed"
called >/dev/null
run schedule install
is "machine: after that: $err" "$status" 0
called >/dev/null

run schedule install --format cron
is "machine: cron: $err" "$status" 0
is "machine: cron: systemd is stopped" "$(called)" \
    "disable --now roleauth-signout.timer
daemon-reload"
run schedule install --format launchd
is "machine: launchd needs launchctl" "$status" 2
has "machine: launchd: the mend" "$err" "--root"
run schedule install --format systemd
called >/dev/null
run schedule remove --dry-run
has "machine: remove --dry-run" "$out" \
    "# would run: systemctl disable --now roleauth-signout.timer"
is "machine: remove --dry-run: nothing called" "$(called)" ""
run schedule remove
is "machine: remove: $err" "$status" 0
is "machine: remove: called" "$(called)" "disable --now roleauth-signout.timer
daemon-reload"
is "machine: remove: units" "$(find $units -name 'roleauth*')" ""
is "machine: remove: configuration" "$(ls /etc/roleauth 2>&1 |
    grep -v 'No such')" ""
run schedule remove
has "machine: remove again" "$out" "nothing is installed"
is "machine: remove again: nothing called" "$(called)" ""

# What others can write to is not used.
chmod 775 $units
run schedule install --format systemd --boot
is "machine: units of a group" "$status" 2
has "machine: units of a group: the mend" "$err" "chmod go-w"
chmod 755 $units
mkdir -p /etc/roleauth
echo '{}' >/etc/roleauth/roleauth.json
chmod 666 /etc/roleauth/roleauth.json
run schedule install --format systemd --boot
is "machine: a configuration of everybody" "$status" 2
chmod 644 /etc/roleauth/roleauth.json
chown 65534 /etc/roleauth
run schedule install --format systemd --boot
is "machine: a configuration in somebody's directory" "$status" 2
chown 0 /etc/roleauth
is "machine: nothing was installed" "$(find $units -name 'roleauth*')" ""

# Without systemctl it is cron.
rm "$work/bin/systemctl"
PATH=$work/bin
export PATH
"$ROLEAUTH" schedule install --boot >.out 2>&1
is "machine: no systemctl: $(/bin/cat .out)" "$?" 0
PATH=$PATH:/usr/sbin:/usr/bin:/sbin:/bin
is "machine: no systemctl: cron" "$(ls /etc/cron.d/roleauth-signout)" \
    /etc/cron.d/roleauth-signout
echo "$checks $failures" >"$outer/counts"
EOT
mkdir bin
cat >bin/systemctl <<EOT
#!/bin/sh
echo "\$*" >>$work/systemctl.log
[ -z "\${ROLEAUTH_FAIL:-}" ] || [ "\$1" = daemon-reload ]
EOT
chmod 755 bin/systemctl
cat >enter <<EOT
mkdir -p $work/lib &&
cp -a /etc $work/etc &&
rm -rf $work/etc/roleauth $work/etc/systemd/system/roleauth* &&
mkdir -p $work/etc/systemd/system $work/etc/cron.d &&
mount --bind $work/etc /etc &&
mount --bind $work/lib /var/lib &&
mount -t tmpfs -o mode=755 tmpfs /run || exit 77
exec sh $work/inside
EOT
if [ "$(id -u)" = 0 ] && command -v unshare >/dev/null &&
    unshare --mount true 2>/dev/null; then
    outer=$work SOURCE_DIR=$SOURCE_DIR ROLEAUTH=$ROLEAUTH \
        unshare --mount --propagation private sh enter
    entered=$?
    if [ $entered = 77 ]; then
        echo "not run: nothing can be mounted"
    else
        is "machine: it came to its end" "$(wc -w <counts)" 2
        read -r inner_checks inner_failures <counts
        checks=$((checks + inner_checks))
        failures=$((failures + inner_failures))
    fi
else
    echo "not run: no mount name space can be made"
fi

done_testing
