# SPDX-License-Identifier: MIT
# What the integration tests share.  Sourced; ROLEAUTH is the built tool and
# SOURCE_DIR the top of the sources.
set -u
: "${ROLEAUTH:?is the path of the built tool}"
: "${SOURCE_DIR:?is the top of the sources}"
ROLEAUTH=$(realpath "$ROLEAUTH")
SOURCE_DIR=$(realpath "$SOURCE_DIR")
umask 022
failures=0
checks=0
users=

work=$(mktemp -d "${TMPDIR:-/tmp}/roleauth-test.XXXXXX")
clean_up() {
    for name in $users; do
        userdel "$name" 2>/dev/null
    done
    chmod -R u+rwx "$work" 2>/dev/null
    rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 1' HUP INT TERM
cd "$work" || exit 1

skip() {
    echo "SKIP: $*"
    exit 77
}

need_root() {
    [ "$(id -u)" = 0 ] || skip "needs root, to make throw-away users"
}

need() {
    for program in "$@"; do
        command -v "$program" >/dev/null || skip "$program is not installed"
    done
}

# new_user NAME PASSWORD: a throw-away user with a yescrypt hash.
new_user() {
    useradd --no-create-home --shell /usr/sbin/nologin "$1" || exit 1
    users="$users $1"
    echo "$1:$2" | chpasswd -c YESCRYPT || exit 1
}

ok() {
    checks=$((checks + 1))
}

bad() {
    checks=$((checks + 1))
    failures=$((failures + 1))
    echo "FAILED: $*"
}

# is WHAT FOUND EXPECTED
is() {
    if [ "$2" = "$3" ]; then
        ok
    else
        bad "$1"
        printf '  found:    %s\n  expected: %s\n' "$2" "$3"
    fi
}

# has WHAT TEXT PART
has() {
    case $2 in
    *"$3"*) ok ;;
    *)
        bad "$1"
        printf '  in:      %s\n  no:      %s\n' "$2" "$3"
        ;;
    esac
}

hasnt() {
    case $2 in
    *"$3"*)
        bad "$1"
        printf '  in:      %s\n  yet:     %s\n' "$2" "$3"
        ;;
    *) ok ;;
    esac
}

# Answers, one a line, are standard input.  Sets status, out (standard output),
# err (prompts and messages) and event (the line that was logged).
run() {
    : >"$work/.events"
    "$ROLEAUTH" "$@" >"$work/.out" 2>"$work/.err"
    status=$?
    out=$(cat "$work/.out")
    err=$(cat "$work/.err")
}

# type ANSWERS OPTION...: eval with answers typed on standard input.
type_to() {
    answers=$1
    shift
    : >"$work/events"
    if [ -n "$answers" ]; then
        printf '%s\n' "$answers"
    fi | "$ROLEAUTH" eval --stdin --json --log "$work/events" \
        --cache-dir "$work/records" --state-dir "$work/state" "$@" \
        >"$work/.out" 2>"$work/.err"
    status=$?
    out=$(cat "$work/.out")
    err=$(cat "$work/.err")
    event=$(cat "$work/events")
}

# outcome WHAT STATUS DECISION REASON: result, exit status and event agree.
outcome() {
    is "$1: exit status" "$status" "$2"
    has "$1: result" "$out" "\"decision\":\"$3\",\"reason\":\"$4\""
    has "$1: event" "$event" "\"decision\":\"$3\",\"reason\":\"$4\""
    is "$1: one event" "$(printf '%s\n' "$event" | wc -l)" 1
}

# How often a text stands in another.
count() {
    printf '%s' "$1" | grep -oF -- "$2" | wc -l
}

done_testing() {
    echo "$checks checks, $failures failed"
    [ "$failures" = 0 ]
    exit
}
