#!/bin/sh
# The tool on a real pseudo-terminal, by expect(1).
. "$(dirname "$0")/lib.sh"
need expect bash stty

cat >roles.json <<EOT
{"name": "door", "message": "Mind the step.",
 "auth": [{"method": "getstringpasswd", "prompt": "Code: ", "tries": 2,
  "message": "Go away.",
  "passwd": "$(echo sesame | "$ROLEAUTH" hash --stdin)"}]}
EOT
export ROLEAUTH
expect "$SOURCE_DIR/tests/integration/pty.exp" >log 2>&1
is "expect(1)" "$?" 0
[ "$failures" = 0 ] || cat log
done_testing
