#!/bin/sh
# The README's first command, without its build.
. "$(dirname "$0")/lib.sh"
need_root
need useradd chpasswd

ROLEAUTH=$ROLEAUTH sh "$SOURCE_DIR/examples/demo.sh" </dev/null >out 2>err
is "exit status" "$?" 0
out=$(cat out)
has "an ACCEPT" "$out" "decision: accept"
has "a REJECT" "$out" "decision: reject"
has "a remembered proof" "$out" "(remembered)"
has "an event" "$out" '"event":"evaluation"'
[ "$failures" = 0 ] || cat out err
is "no user is left" "$(getent passwd | grep -c '^radm')" 0
done_testing
