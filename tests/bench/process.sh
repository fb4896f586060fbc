#!/bin/sh
# SPDX-License-Identifier: MIT
# roleauth eval -n on a valid record against sudo -n true on a valid timestamp,
# as whole processes in turn, in one session on one pseudo-terminal.
#   process.sh ROLEAUTH TIME_PROCESS [RUNS]
# Needs root, for a throw-away user; installs sudo when it is missing.
set -eu
roleauth=$(realpath "$1")
timer=$(realpath "$2")
runs=${3:-200}
[ "$(id -u)" = 0 ] || { echo "process.sh: needs root"; exit 77; }
if ! command -v sudo >/dev/null; then
    apt-get install -q -y sudo >/dev/null 2>&1 </dev/null ||
        { echo "process.sh: left out, there is no sudo"; exit 77; }
fi
user=rabench$$
dir=$(mktemp -d)
rule=/etc/sudoers.d/roleauth-bench-$$
clean_up() {
    rm -rf "$dir" "$rule"
    userdel "$user" 2>/dev/null || true
}
trap clean_up EXIT
trap 'exit 1' HUP INT TERM
useradd --no-create-home --shell /bin/sh "$user"
echo "$user:bench" | chpasswd
umask 077
echo "$user ALL=(root) /bin/true" >"$rule"
cat >"$dir/roles.json" <<EOT
[{"method": "getuserpasswd", "user": "$user", "fname": "bench", "period": 3600}]
EOT
common="-f $dir/roles.json --cache-dir $dir/records --state-dir $dir/state"
echo bench | "$roleauth" eval $common --stdin --log syslog >/dev/null 2>&1
echo "A: roleauth eval -n, B: sudo -n true; $runs runs each"
# sudo, being set-uid, looks at no variable of the dynamic linker; neither shall
# the other side.
env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin "$timer" "$runs" "$user" "echo bench | sudo -S -v" \
    "$roleauth eval -n --log syslog $common" "$(command -v sudo) -n /bin/true"
