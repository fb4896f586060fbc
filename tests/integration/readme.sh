#!/bin/sh
# Every block of the README marked as shell is run, and what it prints is held
# against the block behind it.
. "$(dirname "$0")/lib.sh"
need awk

cp -R "$SOURCE_DIR/examples" examples
chmod -R go-w examples
mkdir bin
printf '#!/bin/sh\nexec "%s" "$@"\n' "$ROLEAUTH" >bin/roleauth
chmod 755 bin/roleauth
PATH=$work/bin:$PATH
awk -v dir="$work" '
    /^```sh$/ { n++; file = dir "/block" n ".sh"; next }
    /^```$/ { if (file != "") { file = ""; next }
              if (n > 0) { file = dir "/block" n ".want"; next } }
    file != "" { print > file }
' "$SOURCE_DIR/README.md"
blocks=0
for block in block*.sh; do
    blocks=$((blocks + 1))
    found=$(sh "$block" 2>&1)
    if [ -e "${block%.sh}.want" ]; then
        is "$(cat "$block")" "$found" "$(cat "${block%.sh}.want")"
    else
        is "$(cat "$block")" "$found" ""
    fi
done
is "there are blocks" "$((blocks >= 5))" 1

# What it points to is there, and the two commands are those of the scripts.
for target in $(grep -o '](\([^)]*\))' "$SOURCE_DIR/README.md" | tr -d '()]'); do
    [ -e "$SOURCE_DIR/$target" ] || bad "README.md points to $target"
done
has "the first command" "$(cat "$SOURCE_DIR/README.md")" "sh examples/demo.sh"
has "the second command" "$(cat "$SOURCE_DIR/.ci/run")" "tests/run"
lines=$(wc -l <"$SOURCE_DIR/examples/embed.c")
has "the size of the example" "$(cat "$SOURCE_DIR/README.md")" "in $lines lines"
done_testing
