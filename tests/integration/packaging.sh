#!/bin/sh
# What is installed: which files and where, which symbols, how it was linked,
# and whether somebody else's project can be built with it.
. "$(dirname "$0")/lib.sh"
: "${BUILD_DIR:?is the build directory}"
CC=${CC:-cc}
if [ -n "${SANITIZE:-}" ]; then
    skip "a project outside would have to be linked with -fsanitize=$SANITIZE"
fi
need "$CC" g++ cmake pkg-config nm readelf
version=$(sed -n 's/^#define ROLEAUTH_VERSION "\(.*\)"/\1/p' \
    "$SOURCE_DIR/include/roleauth.h")

# quietly WHAT COMMAND...: prints what the command says only when it fails.
quietly() {
    what=$1
    shift
    if "$@" >"$work/.log" 2>&1; then
        ok
    else
        bad "$what: $*"
        cat "$work/.log"
        return 1
    fi
}

# ---- files -------------------------------------------------------------
: >stamp
prefix=$work/prefix
quietly "install" cmake --install "$BUILD_DIR" --prefix "$prefix" ||
    done_testing
outside=$(grep -v "^$prefix/" "$BUILD_DIR/install_manifest.txt")
is "nothing outside the prefix, by the manifest" "$outside" ""
quietly "install by DESTDIR" env DESTDIR="$work/dest" \
    cmake --install "$BUILD_DIR" ||
    done_testing
outside=$(find /bin/ /etc /lib/ /opt /run /sbin/ /usr /var -xdev -cnewer stamp \
    -name '*roleauth*' ! -type d 2>/dev/null)
is "nothing outside the prefix, by looking" "$outside" ""
staged=$work/dest$(sed -n 's/^CMAKE_INSTALL_PREFIX:PATH=//p' \
    "$BUILD_DIR/CMakeCache.txt")
(cd "$prefix" && find . ! -type d | LC_ALL=C sort) >installed
(cd "$staged" && find . ! -type d | LC_ALL=C sort) >staged.list
is "DESTDIR has the same files" "$(diff installed staged.list)" ""

libdir=$(sed -n 's,^\./\(.*\)/libroleauth\.a$,\1,p' installed)
for file in bin/roleauth include/roleauth.h include/roleauth_testing.h \
    "$libdir/libroleauth.so" "$libdir/libroleauth.so.0" \
    "$libdir/libroleauth.so.$version" "$libdir/libroleauth.a" \
    "$libdir/libroleauth_testing.a" "$libdir/pkgconfig/roleauth.pc" \
    "$libdir/pkgconfig/roleauth-testing.pc" \
    "$libdir/cmake/roleauth/roleauth-config.cmake" \
    "$libdir/cmake/roleauth/roleauth-config-version.cmake" \
    share/doc/roleauth/LICENSE share/doc/roleauth/README.md \
    share/doc/roleauth/examples/embed.c; do
    [ -e "$prefix/$file" ] && ok || bad "not installed: $file"
done
for page in "$SOURCE_DIR"/docs/*.[1357]; do
    [ -e "$page" ] || continue
    name=${page##*/}
    [ -e "$prefix/share/man/man${name##*.}/$name" ] && ok ||
        bad "not installed: $name"
done
is "only headers of ours" "$(ls "$prefix/include" | tr '\n' ' ')" \
    "roleauth.h roleauth_testing.h "
is "nothing that others can write" \
    "$(find "$prefix" ! -type l -perm /022)" ""

# ---- symbols -----------------------------------------------------------
# declared HEADER: the functions that it declares with ROLEAUTH_API.
declared() {
    "$CC" -E -P -I "$prefix/include" "$1" | tr '\n' ' ' |
        sed 's/[;{}]/&\n/g' | grep 'visibility("default")' |
        sed 's/__attribute__ *(([^)]*([^)]*)))//g
            s/__attribute__ *(([^)]*))//g' |
        sed -n 's/^[^(]*\(roleauth_[a-z0-9_]*\) *(.*/\1/p' | LC_ALL=C sort
}
library=$prefix/$libdir/libroleauth.so.$version
nm -D --defined-only "$library" | awk '{ print $3 }' >symbols
is "only our symbols" \
    "$(grep -v -e '^roleauth_[a-z0-9_]*@@ROLEAUTH_0$' -e '^ROLEAUTH_0$' \
        symbols)" ""
sed -n 's/^\(roleauth_[^@]*\)@.*/\1/p' symbols | LC_ALL=C sort >exported
declared "$prefix/include/roleauth.h" >public
is "there are functions" "$(($(wc -l <public) > 40))" 1
is "every function is found in the header" \
    "$(wc -l <public)" "$(grep -c ROLEAUTH_API "$SOURCE_DIR/include/roleauth.h" |
        awk '{ print $1 - 2 }')"
is "what the header declares is what is exported" "$(diff public exported)" ""
declared "$prefix/include/roleauth_testing.h" |
    LC_ALL=C comm -13 public - >fakes
is "there are fakes" "$(($(wc -l <fakes) > 20))" 1
is "the fakes are no part of the library" \
    "$(LC_ALL=C comm -12 fakes exported)" ""
nm -g --defined-only "$prefix/$libdir/libroleauth_testing.a" |
    awk 'NF == 3 { print $3 }' | LC_ALL=C sort >fake_symbols
is "the fakes are in their archive" \
    "$(LC_ALL=C comm -23 fakes fake_symbols)" ""

# ---- linking -----------------------------------------------------------
dynamic=$(readelf -dW "$library")
has "soname" "$dynamic" "[libroleauth.so.0]"
has "bind now" "$dynamic" "NOW"
hasnt "no RPATH" "$dynamic" "RPATH"
hasnt "no RUNPATH" "$dynamic" "RUNPATH"
hasnt "no text relocations" "$dynamic" "TEXTREL"
segments=$(readelf -lW "$library")
has "relro" "$segments" "GNU_RELRO"
is "the stack is not executable" \
    "$(printf '%s\n' "$segments" | awk '$1 == "GNU_STACK" { print $7 }')" RW
tool=$(readelf -hdlW "$prefix/bin/roleauth")
has "the tool is position independent" "$tool" "DYN"
has "the tool: bind now" "$tool" "NOW"
has "the tool: relro" "$tool" "GNU_RELRO"
hasnt "the tool knows nothing of the build directory" "$tool" "$BUILD_DIR"

# ---- headers -----------------------------------------------------------
for header in roleauth.h roleauth_testing.h; do
    echo "#include <$header>" >alone.c
    cp alone.c alone.cc
    quietly "$header alone as C11" "$CC" -std=c11 -pedantic -Wall -Wextra \
        -Werror -I "$prefix/include" -fsyntax-only alone.c
    quietly "$header alone as C++" g++ -std=c++11 -pedantic -Wall -Wextra \
        -Werror -I "$prefix/include" -fsyntax-only alone.cc
done

# ---- a project outside -------------------------------------------------
# Moved first: what is installed must not remember where it was.
mv "$prefix" "$work/moved" && prefix=$work/moved
unset LD_LIBRARY_PATH
run_tool=$("$prefix/bin/roleauth" glob '201[678]' 2017 2>&1)
is "the tool runs from where it was moved" "$run_tool" 2017

# links_shared PROGRAM yes|no
links_shared() {
    case $(readelf -dW "$1") in
    *libroleauth.so.0*) found=yes ;;
    *) found=no ;;
    esac
    is "${1##*/}: links the shared library" "$found" "$2"
}

# runs PROGRAM
runs() {
    is "${1##*/} runs" "$(LD_LIBRARY_PATH=$prefix/$libdir "$1" 2>&1)" "$version"
}

# configure DIR OPTION...
configure() {
    dir=$1
    shift
    cmake -S "$SOURCE_DIR/tests/integration/outside" -B "$dir" \
        -DCMAKE_C_COMPILER="$CC" -DCMAKE_PREFIX_PATH="$prefix" "$@"
}
if quietly "find_package" configure by-cmake &&
    quietly "build with the package" cmake --build by-cmake; then
    for program in shared static fakes_shared fakes_static; do
        runs by-cmake/$program
    done
    links_shared by-cmake/shared yes
    links_shared by-cmake/static no
    links_shared by-cmake/fakes_static no
fi
# The shared library is for those too who lack what the static one needs.
mkdir shared-only
cat >shared-only/CMakeLists.txt <<'END'
cmake_minimum_required(VERSION 3.20)
project(shared_only LANGUAGES C)
find_package(roleauth CONFIG REQUIRED)
if(NOT TARGET roleauth::roleauth OR TARGET roleauth::roleauth_static)
    message(FATAL_ERROR "the wrong targets")
endif()
find_package(roleauth CONFIG QUIET COMPONENTS static)
if(roleauth_FOUND)
    message(FATAL_ERROR "a static library without what it needs")
endif()
END
quietly "find_package without the packages of the static library" \
    env PKG_CONFIG_LIBDIR=/nonexistent cmake -S shared-only -B shared-only/b \
    -DCMAKE_C_COMPILER="$CC" -DCMAKE_PREFIX_PATH="$prefix"
# An other version is none.
sed 's/roleauth CONFIG REQUIRED/roleauth 9.9 CONFIG REQUIRED/' \
    shared-only/CMakeLists.txt >wrong && mkdir wrong-version &&
    mv wrong wrong-version/CMakeLists.txt
if cmake -S wrong-version -B wrong-version/b -DCMAKE_C_COMPILER="$CC" \
    -DCMAKE_PREFIX_PATH="$prefix" >.log 2>&1; then
    bad "version 9.9 was found"
else
    ok
fi

PKG_CONFIG_PATH=$prefix/$libdir/pkgconfig
export PKG_CONFIG_PATH
sources=$SOURCE_DIR/tests/integration/outside
is "pkg-config: version" "$(pkg-config --modversion roleauth)" "$version"
is "pkg-config: version of the fakes" \
    "$(pkg-config --modversion roleauth-testing)" "$version"
is "pkg-config: no private libraries" \
    "$(pkg-config --libs-only-l roleauth | tr -d ' ')" "-lroleauth"
# The words of pkg-config are options, to be split.
quietly "pkg-config, shared" "$CC" "$sources/main.c" -o pc-shared \
    $(pkg-config --cflags --libs roleauth) && {
    runs ./pc-shared
    links_shared pc-shared yes
}
quietly "pkg-config, fakes" "$CC" "$sources/fakes.c" -o pc-fakes \
    $(pkg-config --cflags --libs roleauth-testing) && {
    runs ./pc-fakes
    links_shared pc-fakes yes
}
# Where there is the archive only, -lroleauth is that.
rm -f "$prefix/$libdir"/libroleauth.so*
quietly "pkg-config, static" "$CC" "$sources/main.c" -o pc-static \
    $(pkg-config --static --cflags --libs roleauth) && {
    runs ./pc-static
    links_shared pc-static no
}
quietly "pkg-config, static fakes" "$CC" "$sources/fakes.c" -o pc-fakes-static \
    $(pkg-config --static --cflags --libs roleauth-testing) && {
    runs ./pc-fakes-static
    links_shared pc-fakes-static no
}
done_testing
