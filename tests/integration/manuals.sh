#!/bin/sh
# Every example of the manual pages is run, and what they list is held against
# the sources.
. "$(dirname "$0")/lib.sh"
need awk sed
[ -n "$(find /lib /usr/lib -name pam_exec.so 2>/dev/null | head -1)" ] ||
    skip "pam_exec(8) is not installed"

docs=$SOURCE_DIR/docs
include=$SOURCE_DIR/include
cc=${CC:-cc}

# ---- what the examples run in ----------------------------------------------
# The pages leave out where records and events go, so that they read well.
mkdir bin pam.d
printf '{}\n' >empty.json
cat >check-password <<'EOT'
#!/bin/sh
[ "$(tr -d '\0')" = 'correct horse' ]
EOT
cat >pam.d/roleauth <<EOT
auth required pam_exec.so expose_authtok quiet $work/check-password
account required pam_permit.so
EOT
cat >bin/roleauth <<EOT
#!/bin/sh
command=\$1
shift
store="--config $work/empty.json --cache-dir $work/records --state-dir $work/state"
case \$command in
eval) set -- \$store --pam-confdir $work/pam.d --log none "\$@" ;;
status) set -- \$store "\$@" ;;
signout) set -- \$store --log none "\$@" ;;
match | log) set -- --config $work/empty.json "\$@" ;;
lint) set -- --config $work/empty.json --pam-confdir $work/pam.d "\$@" ;;
esac
exec "$ROLEAUTH" "\$command" "\$@"
EOT
chmod 755 bin/roleauth check-password
PATH=$work/bin:$PATH

# ---- the examples ----------------------------------------------------------
# Each literal display of a page becomes a file: N, or the name that the text
# before it mentions by .Pa.
take_blocks() { # PAGE
    awk '
        function plain(line) {
            gsub(/\\&/, "", line); gsub(/\\\(aq/, "\047", line)
            gsub(/\\\(ga/, "`", line); gsub(/\\\(ha/, "^", line)
            gsub(/\\\(ti/, "~", line); gsub(/\\e/, "\\", line)
            return line
        }
        /^\.Bd -literal/ { n++; file = "block" n; first = 1; next }
        /^\.Ed/ { file = ""; name = ""; next }
        /^\.Dl / { n++; print plain(substr($0, 5)) > ("block" n ".header"); next }
        /^\.Pa / { name = $2 ~ /\// ? "" : $2 }
        file != "" {
            line = plain($0)
            if (first) {
                kind = ".unknown"
                if (line ~ /^\$ /) kind = ".run"
                else if (line ~ /^[{[]/) kind = ".json"
                else if (line ~ /^(#include|\/\*)/) kind = ".c"
                else if (line ~ /^typedef /) kind = ".header"
                file = kind == ".json" && name != "" ? name : file kind
                first = 0
            }
            print line > file
        }
    ' "$1"
}

# "$ command" lines, their "> " continuations and what they print; "..." is
# anything.
run_transcript() { # FILE
    rm -f command* want*
    awk '
        /^\$ / { n++; print substr($0, 3) > ("command" n); said = 0; next }
        /^> / && !said { print substr($0, 3) > ("command" n); next }
        { said = 1; print > ("want" n) }
    ' "$1"
    i=1
    last=0
    while [ -e command$i ]; do
        found=$({
            echo "(exit $last)"
            cat command$i
        } | sh -s 2>&1)
        last=$?
        want=
        [ ! -e want$i ] ||
            want=$(sed 's/[][*?\\]/\\&/g; s/\.\.\./*/g' want$i)
        # shellcheck disable=SC2254
        case $found in
        $want) ok ;;
        *) is "$page: $(cat command$i)" "$found" "$(cat want$i 2>/dev/null)" ;;
        esac
        i=$((i + 1))
    done
}

check_json() { # FILE
    case $page:$1 in
    *:broken*) return ;; # shown for what is wrong with it
    roleauth.json.5:*) found=$(roleauth status --config "$1" 2>&1) ;;
    *) found=$(roleauth lint "$1" 2>&1) ;;
    esac
    is "$page: $1: $found" "$?" 0
}

check_c() { # FILE
    # shellcheck disable=SC2086
    found=$($cc -std=c11 -fsyntax-only -Wall -Wextra -Werror -I "$include" \
        "$1" 2>&1)
    is "$page: $1" "$found" ""
    grep -q '^int main(void)' "$1" && [ -n "${BUILD_DIR:-}" ] || return
    # shellcheck disable=SC2086
    found=$($cc ${SANITIZE:+-fsanitize=$SANITIZE} -I "$include" -o program "$1" \
        "$BUILD_DIR/libroleauth_testing.a" -L "$BUILD_DIR" -lroleauth -lcrypt \
        -lpthread -Wl,-rpath,"$BUILD_DIR" 2>&1 && ./program 2>&1)
    is "$page: $1 runs: $found" "$?" 0
}

# The text of a header without comments, on one line.
squeeze() {
    sed 's:/\*.*\*/::; s:/\*\*<.*::' "$@" | awk '
        /\/\*/ { inside = 1 }
        !inside { print }
        /\*\// { inside = 0 }
    ' | tr -s ' \n\t' '   '
}
headers=$(squeeze "$include/roleauth.h" "$include/roleauth_testing.h" |
    sed 's/  */ /g')

pages=0
runs=0
for file in "$docs"/*.[1357]; do
    page=$(basename "$file")
    pages=$((pages + 1))
    mkdir "$work/$page"
    cd "$work/$page" || exit 1
    take_blocks "$file"
    for block in *; do
        case $block in
        '*') ;;
        *.json) check_json "$block" ;;
        *.c) check_c "$block" ;;
        *.header)
            has "$page: $block stands in a header" "$headers" \
                "$(tr -s ' \n\t' '   ' <"$block" | sed 's/  */ /g; s/ $//')"
            ;;
        *.run) ;;
        *) bad "$page: $block: what kind of example is it?" ;;
        esac
    done
    # In their order, when every file that they read is there.
    for block in $(find . -name '*.run' | sort -V); do
        runs=$((runs + 1))
        run_transcript "$block"
    done
    cd "$work" || exit 1
done
is "there are pages" "$((pages >= 15))" 1
is "there are transcripts" "$((runs >= 10))" 1
is "the program of libroleauth(3)" "$(cat libroleauth.3/*.c)" \
    "$(cat "$SOURCE_DIR/examples/embed.c")"

# ---- options ---------------------------------------------------------------
"$ROLEAUTH" --help >help
commands=$(awk '/^  [a-z]/ { print $1 }' help)
is "the commands of roleauth(1)" \
    "$(sed -n 's/^\.Ss //p' "$docs/roleauth.1")" "$commands"
for command in $commands; do
    offered=$("$ROLEAUTH" "$command" --help |
        sed -n 's/^  \(-[A-Za-z-]*\).*/\1/p' | grep -vx -e --help | sort)
    told=$(awk -v command="$command" '
        /^\.S[sh] / { inside = $2 == command && $1 == ".Ss" }
        inside && /^\.It Fl / { print "-" $3 }
    ' "$docs/roleauth.1" | sort)
    is "the options of roleauth $command" "$told" "$offered"
done

# ---- lists -----------------------------------------------------------------
# every WHAT PAGE MACRO: each word of standard input is an item of the page.
every() {
    n=0
    while read -r word; do
        n=$((n + 1))
        grep -q "^\.It .*$3 \(.* , \)*$word\( \|\$\)" "$docs/$2" ||
            echo "$1 $word is missing in $2"
    done
    [ "$n" -gt 0 ] || echo "there is no $1"
}
lib=$SOURCE_DIR/lib
{
    sed -n 's/^ *{"\([a-z_]*\)", read_.*/\1/p' "$lib/auth/config.c" |
        every "key" roleauth.json.5 Cm
    sed -n 's/^static const char \*const sink_keys\[\] = {\(.*\), NULL.*/\1/p' \
        "$lib/auth/config.c" | tr -d '" ' | tr ',' '\n' |
        every "sink's key" roleauth.json.5 Cm
    sed -n 's/^ *\[[A-Z_]*\] = {"\([A-Za-z]*\)", .*/\1/p' \
        "$lib/role/method.c" | every "attribute" roleauth-roles.5 Cm
    sed -n 's/^ *\[RA_[A-Z]*\] = "\([a-z]*\)",/\1/p' "$lib/role/method.c" |
        every "method" roleauth-roles.5 Cm
    sed -n '/keys\[COLUMN_COUNT/,/};/s/"/\n/gp' "$lib/role/column.c" |
        grep -x '[a-z]*' | grep . | every "column" roleauth-roles.5 Cm
    sed -n 's/^ *X(RA_[A-Z0-9_]*, "\([a-z0-9-]*\)", .*/\1/p' \
        "$lib/role/diag.h" | every "code" roleauth-roles.5 Cm
    sed -n 's/^ *X(ROLEAUTH_REASON_[A-Z_]*, [0-9]*, "\([a-z-]*\)".*/\1/p' \
        "$include/roleauth.h" | every "reason" roleauth.1 Ic
    # Reasons are numbered, too.
    sed -n '/^ *X(ROLEAUTH_REASON_/d
        s/^ *X(\(ROLEAUTH_[A-Z_]*\), -*[0-9].*/\1/p' \
        "$include/roleauth.h" | every "return code" libroleauth.3 Dv
} >missing
is "what the pages leave out" "$(cat missing)" ""

# Every function, in a NAME and a SYNOPSIS, and nothing that is none.
printf '%s\n' "$headers" | tr ';' '\n' |
    sed -n 's/^.*ROLEAUTH_API [^(]*[ *]\(roleauth_[a-z_0-9]*\) *(.*/\1/p' |
    sort -u >functions
is "there are functions" "$(($(wc -l <functions) > 80))" 1
sed -n 's/^\.Nm \(roleauth_[a-z_0-9]*\).*/\1/p' "$docs"/*.3 | sort >named
sed -n 's/^\.Fo //p' "$docs"/*.3 | sort >declared
is "every function has a name in a page" "$(cat named)" "$(cat functions)"
is "every function is declared in a page" "$(cat declared)" "$(cat functions)"

# Every page that is pointed to is there.
for target in $(sed -n 's/^\.Xr \([a-z_.-]*role[a-z_.-]*\) \([1357]\).*/\1.\2/p' \
    "$docs"/*.[1357] | sort -u); do
    name=${target%.*}
    [ -e "$docs/$target" ] || grep -qx "$name" functions ||
        bad "nothing is $target"
done

# ---- form ------------------------------------------------------------------
if command -v mandoc >/dev/null; then
    for file in "$docs"/*.[1357]; do
        is "mandoc -Tlint $(basename "$file")" \
            "$(mandoc -Tlint -W warning "$file" 2>&1)" ""
    done
else
    echo "not run: mandoc is not installed"
fi

done_testing
