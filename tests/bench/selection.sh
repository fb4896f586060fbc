#!/bin/sh
# SPDX-License-Identifier: MIT
# Which role applies?  Our selection on generated sets of roles against
#   - a linear scan with fnmatch(3) (in bench_select.c, the same process),
#   - RE2::Set, for many globs against one value,
#   - node-casbin and Cedar in WebAssembly, what an application would pick,
# on the same sets and requests.  Every side's answers are compared.
#
#   selection.sh [quick]
#
# Builds into build/bench, installs what it needs (Debian packages as root,
# npm's into build/peers) or says what it leaves out.  Prints tables, and draws
# build/bench/selection.svg: the time of a selection against the number of
# roles.  Takes about a quarter of an hour and 8 GB of memory; quick: a minute
# or two, with up to 10,000 roles.
set -eu
cd "$(dirname "$0")/../.."
top=$PWD
LC_ALL=C
export LC_ALL
bench=$top/build/bench
peers=$top/build/peers
seed=1
quick=
case ${1:-} in
'') ;;
quick) quick=yes ;;
*)
    echo "usage: selection.sh [quick]" >&2
    exit 2
    ;;
esac
mkdir -p "$bench" "$peers"
# Not below the checkout, which might belong to somebody whom we do not trust.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

left_out=
leave_out() {
    left_out="$left_out
  $1"
}

# ---- what is needed --------------------------------------------------------

# debian PACKAGE...: false when they cannot be had.
debian() {
    missing=
    for package in "$@"; do
        case $(dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>&1) in
        installed*) ;;
        *) missing="$missing $package" ;;
        esac
    done
    [ -n "$missing" ] || return 0
    if [ "$(id -u)" != 0 ]; then
        echo "selection.sh: as root, run: apt-get install$missing" >&2
        return 1
    fi
    echo "installing:$missing"
    # Without a network, what was fetched before may do.
    apt-get -q update >"$work/apt.log" 2>&1 || true
    DEBIAN_FRONTEND=noninteractive apt-get -q -y -o Dpkg::Use-Pty=0 install \
        --no-install-recommends $missing >"$work/apt.log" 2>&1 </dev/null || {
        tail -n 3 "$work/apt.log" >&2
        return 1
    }
}

build_ours() {
    sh tools/install-packages build
    debian libcmocka-dev
    cmake --preset release -B "$bench/build" >"$work/build.log" 2>&1 &&
        cmake --build "$bench/build" --parallel 2 --target \
            bench_select generate time_process roleauth_tool \
            >"$work/build.log" 2>&1 || {
        tail -n 40 "$work/build.log" >&2
        exit 2
    }
}

have_re2=
build_re2() {
    debian g++ libre2-dev &&
        g++ -O2 tests/bench/peers/re2.cc -o "$bench/re2" -lre2 &&
        have_re2=yes && return
    leave_out 'RE2::Set: g++ or libre2-dev cannot be had'
}

have_node=
build_node() {
    if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
        debian nodejs npm || {
            leave_out 'casbin, Cedar: nodejs or npm cannot be had'
            return
        }
    fi
    cp tests/bench/peers/package.json tests/bench/peers/*.cjs "$peers"
    if (cd "$peers" && npm install --no-audit --no-fund --ignore-scripts \
        >"$work/npm.log" 2>&1 </dev/null); then
        have_node=yes
    else
        head -n 4 "$work/npm.log" >&2
        leave_out 'casbin, Cedar: npm install failed'
    fi
}

# ---- running ---------------------------------------------------------------

# get FILE NAME: a value that a side printed, or -.
get() {
    awk -F '\t' -v name="$2" '$1 == name { value = $2 }
        END { print value == "" ? "-" : value }' "$work/$1"
}

# ours NAME KIND ROLES REQUESTS WORDS: its lines go to NAME, its answers and
# its policy to the directory.
ours() {
    "$bench/build/tests/bench_select" "$2" "$3" "$4" "$seed" "$5" "$work" \
        >"$work/$1" || {
        echo "selection.sh: $2, $3 roles: failed, or answers differ" >&2
        cat "$work/$1" >&2
        exit 1
    }
}

# same SIDE: its answers are ours.
same() {
    if ! cmp -s "$work/answers.ours" "$work/answers.$1"; then
        echo "selection.sh: $1 answers otherwise" >&2
        diff "$work/answers.ours" "$work/answers.$1" | head -n 5 >&2
        exit 1
    fi
    agreed=$((agreed + $(wc -l <"$work/answers.$1")))
}
agreed=0

# cells FORMAT VALUE...: times in nanoseconds become readable, - stays.
# Letters: t a time, r a ratio, n a number, m a number of bytes, s a text.
cells() {
    printf '%s\n' "$@" | awk '
        function nice(value) {
            if (value == "-") return "-"
            if (value < 1e3) return sprintf("%.0f ns", value)
            if (value < 1e6) return sprintf("%.1f us", value / 1e3)
            if (value < 1e9) return sprintf("%.1f ms", value / 1e6)
            return sprintf("%.2f s", value / 1e9)
        }
        NR == 1 { format = $0; next }
        {
            kind = substr(format, NR - 1, 1)
            if ($0 == "-") text = "-"
            else if (kind == "t") text = nice($0)
            else if (kind == "r") text = sprintf($0 < 10 ? "%.2f" : "%.0f", $0)
            else if (kind == "n") text = sprintf("%.0f", $0)
            else if (kind == "m") text = sprintf("%.2f MB", $0 / 1e6)
            else text = $0
            printf NR == 2 ? "%-12s" : "%14s", text
        }
        END { print "" }'
}

ratio() {
    [ "$1" = - ] || [ "$2" = - ] && echo - && return
    awk -v a="$1" -v b="$2" 'BEGIN { printf "%.4g\n", a / b }'
}

# point LINE ROLES NANOSECONDS: of the plot.
points=$bench/selection.tsv
point() {
    [ "$3" = - ] || printf '%s\t%s\t%s\n' "$1" "$2" "$3" >>"$points"
}

# ---- tables ----------------------------------------------------------------

requests_for() {
    if [ "$1" -gt 100000 ]; then
        echo 200
    elif [ "$1" -gt 10000 ]; then
        echo 500
    else
        echo 1000
    fi
}

# growth NAME WORDS SIZE...
growth() {
    name=$1
    words=$2
    shift 2
    cells ssssssssss roles select p99 'index alone' p99 'fnmatch scan' \
        'scan by name' scan/select scan/index 'late, nowhere'
    for roles in "$@"; do
        file=$name.$roles
        ours "$file" realistic "$roles" "$(requests_for "$roles")" "$words"
        select=$(get "$file" select_median)
        index=$(get "$file" index_median)
        scan=$(get "$file" scan_median)
        cells nttttttrrs "$roles" "$select" "$(get "$file" select_p99)" \
            "$index" "$(get "$file" index_p99)" "$scan" \
            "$(get "$file" named_scan_median)" \
            "$(ratio "$scan" "$select")" "$(ratio "$scan" "$index")" \
            "$(get "$file" match_late), $(get "$file" match_nowhere)"
        point "$name: roleauth_select()" "$roles" "$select"
        [ "$name" != realistic ] || {
            point "$name: the index alone" "$roles" "$index"
            point "$name: fnmatch scan" "$roles" "$scan"
        }
    done
}

loading() {
    cells sssssssss roles text load json_loadb load/json compile \
        'map, select' 'block B/role' 'peak memory'
    for roles in "$@"; do
        file=realistic.$roles
        cells nmttrttnm "$roles" "$(get "$file" text_bytes)" \
            "$(get "$file" load)" "$(get "$file" json_loadb)" \
            "$(ratio "$(get "$file" load)" "$(get "$file" json_loadb)")" \
            "$(get "$file" compile)" "$(get "$file" map_and_select)" \
            "$(get "$file" block_bytes_per_role)" "$(get "$file" peak_bytes)"
    done
}

# hostile ROLES KIND...
hostile() {
    roles=$1
    shift
    cells ssssssss kind 'index median' mean 'scan median' mean medians means \
        'worst'
    for kind in "$@"; do
        file=$kind.$roles
        ours "$file" "$kind" "$roles" 200 0
        index=$(get "$file" index_median)
        scan=$(get "$file" scan_median)
        cells sttttrrr "$kind" "$index" "$(get "$file" index_mean)" \
            "$scan" "$(get "$file" scan_mean)" "$(ratio "$index" "$scan")" \
            "$(ratio "$(get "$file" index_mean)" "$(get "$file" scan_mean)")" \
            "$(get "$file" index_to_scan_worst)"
        ratio "$(get "$file" index_mean)" "$(get "$file" scan_mean)" \
            >>"$work/hostile"
    done
}

# middle NAME FILE...: the median of what some turns said.
middle() {
    name=$1
    shift
    for file in "$@"; do
        get "$file" "$name"
    done | sort -g | awk '{ values[NR] = $0 }
        END { print values[int((NR + 1) / 2)] }'
}

single() {
    cells ssssssss patterns 'index alone' p99 RE2::Set p99 'RE2, unseen' \
        'RE2 compile' 'ours load'
    for roles in "$@"; do
        "$bench/build/tests/generate" single "$roles" 500 "$seed" 0 "$work"
        files=
        theirs=
        for turn in 1 2 3; do
            ours "single.$roles.$turn" single "$roles" 500 0
            files="$files single.$roles.$turn"
            [ -n "$have_re2" ] || continue
            "$bench/re2" "$work" >"$work/re2.$roles.$turn"
            theirs="$theirs re2.$roles.$turn"
            same re2
        done
        cells nttttttt "$roles" "$(middle index_median $files)" \
            "$(middle index_p99 $files)" "$(middle re2_median $theirs)" \
            "$(middle re2_p99 $theirs)" "$(middle re2_unseen_median $theirs)" \
            "$(middle re2_compile $theirs)" "$(middle load $files)"
    done
}

# peer NAME FILE: runs it on the set that lies there, which it may not bear.
peer() {
    [ -n "$have_node" ] || return 0
    (cd "$peers" && node "$1.cjs" "$work") >"$work/$2" || {
        leave_out "$1 on $2: failed"
        return 0
    }
    same "$1"
}

applications() {
    cells ssssssss roles requests select casbin casbin/ours Cedar Cedar/ours \
        'Cedar load'
    for roles in "$@"; do
        requests=$((2000000 / roles))
        [ "$requests" -lt 200 ] || requests=200
        "$bench/build/tests/generate" plain "$roles" "$requests" "$seed" 0 \
            "$work"
        ours "plain.$roles" plain "$roles" "$requests" 0
        : >"$work/casbin.$roles"
        : >"$work/cedar.$roles"
        peer casbin "casbin.$roles"
        if [ "$roles" -le 10000 ]; then
            peer cedar "cedar.$roles"
        elif [ -n "$have_node" ]; then
            leave_out "Cedar on $roles roles: loads them for about a minute"
        fi
        select=$(get "plain.$roles" select_median)
        casbin=$(get "casbin.$roles" casbin_median)
        cedar=$(get "cedar.$roles" cedar_median)
        cells nnttrtrt "$roles" "$requests" "$select" \
            "$casbin" "$(ratio "$casbin" "$select")" \
            "$cedar" "$(ratio "$cedar" "$select")" \
            "$(get "cedar.$roles" cedar_load)"
        point 'plain: node-casbin' "$roles" "$casbin"
        point 'plain: Cedar (wasm)' "$roles" "$cedar"
    done
}

# command_for ROLES: one that matches, on the compiled policy of that many
# roles.
command_for() {
    "$bench/build/tests/generate" realistic "$1" 200 "$seed" 0 "$work"
    ours "process.$1" realistic "$1" 200 0
    mv "$work/policy" "$work/policy.$1"
    options=$(paste "$work/answers.ours" "$work/requests.json" |
        grep -v -e '^-1' -e ' ' | sed -n -e '1s/^[0-9]*.{"//' -e '1s/"}$//' \
            -e '1s/":"/=/g' -e '1s/","/ -D /gp')
    echo "$bench/build/tools/roleauth match -f $work/policy.$1 -D $options"
}

process() {
    "$bench/build/tests/time_process" 300 root true \
        "$(command_for "$1")" "$(command_for 10)" | tee "$work/process"
}

# ---- the whole -------------------------------------------------------------

small='1 3 10 30'
sizes='100 1000 10000 100000 1000000 2000000'
fixed='1000 10000 100000 1000000'
patterns='100 1000 10000 100000'
policies='100 1000 10000 100000'
large=100000
if [ -n "$quick" ]; then
    sizes='100 1000 10000'
    fixed='1000 10000'
    patterns='100 1000 10000'
    policies='100 1000'
    large=10000
fi

build_ours
build_re2
build_node
: >"$points"
echo "Realistic sets, growing with their vocabulary; medians over requests.  The"
echo "fnmatch scan is given the values by variable; by name, it looks each up in"
echo "the request, once, as ours does."
growth realistic 0 $small $sizes
echo
echo "The same with a fixed vocabulary, that of 1,000 roles."
growth 'fixed vocabulary' 31 $fixed
echo
echo "Loading: from JSON; json_loadb(3) alone; writing and mapping a compiled"
echo "policy, until its first answer; memory of the set itself."
loading $sizes
echo
echo "Hostile sets of 10,000 roles: the index to the scan, as ratios of"
echo "medians and means, and on the request where it is worst."
hostile 10000 no-literals shared last nested grams popular subsets variables \
    deep lists short long hostile
echo
echo "The hostile ones with long values: 100 roles, values of up to 10 KiB."
hostile 100 grams long hostile
echo
echo "One pattern on one variable a role.  RE2::Set makes its automaton on"
echo "demand: a value that it has not seen costs more."
single $patterns
echo
echo "What an application would pick, with * as the only metacharacter, which"
echo "is all that Cedar has."
applications $policies
echo
echo "Whole processes: match on a compiled policy of $large roles (A), of 10 (B)."
process $large
echo
awk -F '\t' -v title='Time of a selection' -v xlabel='roles' \
    -v ylabel='median time of a selection' -f tests/bench/plot.awk \
    "$points" >"$bench/selection.svg"
echo "Plot: $bench/selection.svg"
echo "Answers of peers that were compared: $agreed, none differs; ours, the"
echo "index and the scan answered all requests above alike."
[ -z "$left_out" ] || echo "Left out:$left_out"
echo
echo "Targets:"
target() {
    printf '  %-58s %s\n' "$1" "$2"
}
of() {
    ratio "$(get "$1" "$2")" "$(get "$3" "$4")"
}
target "scan to select, realistic, $large roles (300 or more)" \
    "$(of realistic.$large scan_median realistic.$large select_median)"
target "scan to index alone, the same" \
    "$(of realistic.$large scan_median realistic.$large index_median)"
target "99th percentile of select there (10 us or less)" \
    "$(get realistic.$large select_p99) ns"
if [ -z "$quick" ]; then
    target '1,000,000 roles to 1,000, select (10 or less)' \
        "$(of realistic.1000000 select_median realistic.1000 select_median)"
    target 'the same, fixed vocabulary' \
        "$(of 'fixed vocabulary.1000000' select_median \
            'fixed vocabulary.1000' select_median)"
fi
target 'hostile, index to scan, worst ratio of means (1.5 or less)' \
    "$(sort -g "$work/hostile" | tail -n 1)"
for roles in $small 100; do
    target "$roles roles, index alone to scan by name (1 or less)" \
        "$(of "realistic.$roles" index_median \
            "realistic.$roles" named_scan_median)"
done
target "load to json_loadb, $large roles (2.5 or less)" \
    "$(of realistic.$large load realistic.$large json_loadb)"
target "bytes a role of the block, $large roles (400 or less)" \
    "$(get realistic.$large block_bytes_per_role)"
target "match on $large roles to match on 10 (1.2 or less)" \
    "$(sed -n 's/.*ratio A\/B //p' "$work/process")"
