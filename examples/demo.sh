#!/bin/sh
# Builds libroleauth and shows its main job: a role is selected, its Auth runs
# against a real PAM stack and a real shadow user, the proof is remembered, and
# one event for each decision comes out.  Needs root, for a throw-away user that
# is removed again; needs no terminal.
set -eu
cd "$(dirname "$0")/.."

if [ "$(id -u)" != 0 ]; then
    echo "demo.sh: run it as root: it makes a throw-away user" >&2
    exit 1
fi
if [ -z "${ROLEAUTH:-}" ]; then
    sh tools/install-packages build
    cmake --preset release -DROLEAUTH_TESTS=OFF >/dev/null
    cmake --build --preset release --parallel 2 >/dev/null
    ROLEAUTH=build/release/tools/roleauth
fi

user=radm$$
dir=$(mktemp -d)
clean_up() {
    rm -rf "$dir"
    userdel "$user" 2>/dev/null || true
}
trap clean_up EXIT
trap 'exit 1' HUP INT TERM
useradd --no-create-home --shell /usr/sbin/nologin "$user"
echo "$user:correct horse" | chpasswd
# The role file is copied, so that the demo works in a checkout of any owner:
# roles that others could have written are refused.
cp examples/roles.json "$dir/roles.json"
chmod 600 "$dir/roles.json"

# Each time: what is typed, and what comes of it.
evaluate() {
    typed=$1
    shift
    echo
    echo "\$ roleauth eval -f roles.json $*"
    printf '%s\n' "$typed" |
        "$ROLEAUTH" eval -f "$dir/roles.json" --stdin \
            -D user="$user" -D submithost=web1 -D date=2026/11/23 "$@" \
            --pam-confdir examples/pam.d --cache-dir "$dir/records" \
            --state-dir "$dir/state" --log "$dir/events" || status=$?
}

expect() {
    if [ "${status:-0}" != "$1" ]; then
        echo "demo.sh: exit status ${status:-0}, expected $1" >&2
        exit 1
    fi
    status=0
}

echo "== the right password: ACCEPT"
evaluate 'correct horse' -D runuser=postgres -D command=psql
expect 0
echo
echo "== again within the period: ACCEPT, and nobody is asked"
evaluate '' -D runuser=postgres -D command=psql
expect 0
echo
echo "== two wrong passwords: REJECT"
evaluate 'wrong
wrong again' -D runuser=backup -D command=tar
expect 1
echo
echo "== what is remembered"
"$ROLEAUTH" status --cache-dir "$dir/records" --state-dir "$dir/state"
echo
echo "== the events"
cat "$dir/events"
