#!/bin/sh
# SPDX-License-Identifier: MIT
# Writes the seeds of fuzz_compiled.c: sh compiled_seeds.sh ROLEAUTH, the path
# of the built tool.  The recipes stay as they are whatever becomes of the
# format; the files are to be written again when it changes.
set -eu
roleauth=$(realpath "${1:?is the path of the built tool}")
cd "$(dirname "$0")/corpus/compiled"
umask 022

one='[{"name":"a","rorder":3,"id":1,"description":"d","risk":"r","tag":"t",
"comment":"c","iolog":"i","rpt":"p","message":"m %user%",
"varmatch":{"user":["alice","b*"],"year":"20??"},"variables":{"v":"%user%"},
"auth":[{"method":"getuserpasswd","user":"%user%","fname":"f","period":9,
"prompt":"p","message":"n","rejectMessage":"r","tries":2},
{"method":"getuserpasswdpam","user":"u","service":"s"},
{"method":"getstringpasswd",
"passwd":"ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="}]}]'
kinds='[{"name":"r","action":"R","varmatch":{"user":"x"}},
{"name":"d","disabled":1,"varmatch":{"user":"alice"}},
{"name":"s","script":"x","varmatch":{"h":"*"}},{"name":"e","varmatch":{"u":[]}},
{"name":"z"}]'

# role NAME VARMATCH
role() {
    printf '{"name":"%s","varmatch":{%s}},' "$1" "$2"
}
# The first rules are looked at one by one, before the index is asked.
first() {
    printf '['
    for _ in 0 1 2 3 4 5 6 7; do
        for _ in 0 1 2 3 4 5 6 7; do
            printf '{"disabled":1},'
        done
    done
}
# One key of each kind.
indexed() {
    first
    for i in 0 1 2 3 4 5; do
        role "w$i" "\"user\":\"u$i\",\"host\":\"h$i\""
        role "p$i" "\"user\":\"p$i*\",\"host\":\"h$i\""
        role "s$i" "\"command\":\"*/s$i\",\"host\":\"h$i\""
    done
    role gram '"command":"*gram*","user":"*"'
    role residual '"command":"*[ab]*","user":"?*","host":"h1"'
    role many '"user":["alice","b*","*c","*d*","[e]"],"command":"x*"'
    role one-more '"command":"*gram*","user":"p1*","host":"h1","year":"20*"'
    printf '{"name":"last","varmatch":{"user":"al*"}}]'
}
# Many rules below one condition.
tree() {
    first
    for i in 0 1 2 3 4 5 6 7; do
        role "a$i" "\"user\":\"alice\",\"host\":\"h$i*\",\"command\":\"c$i\""
        role "b$i" "\"user\":\"alice\",\"host\":\"h$i*\",\"command\":\"d$i\""
        role "c$i" "\"user\":\"alice\",\"host\":\"h0*\",\"year\":\"$i\""
    done
    printf '{"name":"z"}]'
}

# Conditions that 36 rules have each, so that the tree branches twice.
grid() {
    first
    awk 'BEGIN {
        for (i = 0; i < 216; i++)
            printf "{\"name\":\"%d\",\"varmatch\":{\"a\":\"%d\"," \
                "\"b\":\"%d\",\"c\":\"%d\"}},", \
                i, i % 6, i / 6 % 6, i / 36
        printf "{\"name\":\"z\"}]"
    }'
}
# Conditions without a key, and a value of so many bytes to look at that the
# scan goes ahead of the index.
patience() {
    first
    awk 'BEGIN {
        for (i = 0; i < 60; i++)
            printf "{\"name\":\"%d\",\"varmatch\":{\"a\":\"[%c%c]*\"}},", \
                i, 97 + i % 20, 98 + int(i / 20)
        printf "{\"name\":\"g\",\"varmatch\":{\"a\":\"*gram*\"}},"
        printf "{\"name\":\"l\",\"varmatch\":{\"a\":\""
        for (i = 0; i < 1300; i++)
            printf "xyzw"
        printf "\"}},{\"name\":\"z\"}]"
    }'
}
# The same with few children and many conditions that hold.
binary() {
    first
    awk 'BEGIN {
        for (i = 0; i < 128; i++) {
            printf "{\"name\":\"%d\",\"varmatch\":{", i
            for (j = 0; j < 7; j++)
                printf "%s\"%c\":\"%d\"", j == 0 ? "" : ",", 97 + j, \
                    int(i / 2 ^ j) % 2
            printf "}},"
        }
        printf "{\"name\":\"z\"}]"
    }'
}
# Conditions without a key, below one that has; each matches its own text.
residual() {
    first
    awk 'BEGIN {
        for (i = 0; i < 64; i++)
            printf "{\"name\":\"%d\",\"varmatch\":{\"user\":\"alice\"," \
                "\"a\":\"[%d[]*\",\"b\":\"[%d[]*\",\"c\":\"[%d[]*\"}},", \
                i, i % 4, i / 4 % 4, i / 16
        printf "{\"name\":\"z\"}]"
    }'
}
# More variables, and conditions that hold, than there is room for at first.
variables() {
    first
    awk 'BEGIN {
        for (i = 0; i < 132; i++)
            printf "{\"name\":\"%d\",\"varmatch\":{\"v%d\":\"x*\"," \
                "\"u\":\"?\"}},", i, i
        printf "{\"name\":\"z\"}]"
    }'
}

# change SECTION HOW WORD VALUE, each in octal by bytes
change() {
    printf '%b' "\\0$1\\0$2\\0$3\\0000\\0$4\\0000\\0000\\0000"
}
# recipe NAME ROLES, with changes on standard input
recipe() {
    { printf '%s' "$2" && printf '\000' && cat; } >"recipe-$1"
}
# file NAME ROLES: a policy holds path and time of its source, which are always
# the same here.
file() {
    printf '%s\n' "$2" >"$source/roles.json"
    touch -d '2020-01-01 00:00:00 UTC' "$source/roles.json"
    "$roleauth" compile -f "$source/roles.json" -o "file-$1"
    chmod 644 "file-$1"
}

source=/tmp/roleauth-seeds
mkdir -m 700 "$source"
trap 'rm -rf "$source"' EXIT
recipe empty '[]' </dev/null
recipe auth '[{"method":"getuserpasswd","user":"u"}]' </dev/null
recipe one "$one" </dev/null
recipe kinds "$kinds" </dev/null
recipe indexed "$(indexed)" </dev/null
recipe tree "$(tree)" </dev/null
recipe grid "$(grid)" </dev/null
recipe binary "$(binary)" </dev/null
recipe patience "$(patience)" </dev/null
recipe residual "$(residual)" </dev/null
recipe variables "$(variables)" </dev/null
# Something else in each section that there is, to tell the fuzzer how.
for section in 001 002 003 004 005 006 007 010 011 012 013 014; do
    {
        change $section 000 002 001
        change $section 001 005 001
    } | recipe "indexed-$section" "$(indexed)"
done
for section in 013 014; do
    change $section 002 007 002 | recipe "tree-$section" "$(tree)"
done
for section in 000 020 021 022 023; do
    change $section 000 003 377 | recipe "one-$section" "$one"
done
file one "$one"
file indexed "$(indexed)"
file tree "$(tree)"
