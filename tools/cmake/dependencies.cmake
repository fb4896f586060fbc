# What the static libraries are linked with: included by the build, and by the
# installed package for those who link them.  The targets have names of their
# own, so that a project's PkgConfig::CRYPT, which may be another library, is
# never taken for ours.  Sets roleauth_MISSING, a list of Debian packages.
find_package(PkgConfig QUIET)
find_package(Threads QUIET)
set(roleauth_MISSING "")
if(PKG_CONFIG_FOUND)
    pkg_check_modules(ROLEAUTH_JANSSON QUIET IMPORTED_TARGET jansson>=2.13)
    pkg_check_modules(ROLEAUTH_CRYPTO QUIET IMPORTED_TARGET libcrypto>=3.0)
    pkg_check_modules(ROLEAUTH_SQLITE QUIET IMPORTED_TARGET sqlite3>=3.31)
    pkg_check_modules(ROLEAUTH_BSD QUIET IMPORTED_TARGET libbsd)
    pkg_check_modules(ROLEAUTH_CRYPT QUIET IMPORTED_TARGET libcrypt)
else()
    list(APPEND roleauth_MISSING pkg-config)
endif()
# By hand: pam.pc is younger than the libpam of many systems.
find_library(ROLEAUTH_PAM_LIBRARY pam)
find_path(ROLEAUTH_PAM_INCLUDE_DIR security/pam_appl.h)
mark_as_advanced(ROLEAUTH_PAM_LIBRARY ROLEAUTH_PAM_INCLUDE_DIR)
if(ROLEAUTH_PAM_LIBRARY AND ROLEAUTH_PAM_INCLUDE_DIR)
    set(ROLEAUTH_PAM_FOUND TRUE)
    if(NOT TARGET roleauth::pam)
        add_library(roleauth::pam UNKNOWN IMPORTED)
        set_target_properties(roleauth::pam PROPERTIES
            IMPORTED_LOCATION "${ROLEAUTH_PAM_LIBRARY}"
            INTERFACE_INCLUDE_DIRECTORIES "${ROLEAUTH_PAM_INCLUDE_DIR}")
    endif()
else()
    set(ROLEAUTH_PAM_FOUND FALSE)
endif()

set(_roleauth_names JANSSON CRYPTO SQLITE BSD CRYPT PAM)
set(_roleauth_packages
    libjansson-dev libssl-dev libsqlite3-dev libbsd-dev libcrypt-dev
    libpam0g-dev)
foreach(_roleauth_name _roleauth_package
        IN ZIP_LISTS _roleauth_names _roleauth_packages)
    if(NOT ROLEAUTH_${_roleauth_name}_FOUND)
        list(APPEND roleauth_MISSING ${_roleauth_package})
    endif()
endforeach()
if(NOT Threads_FOUND)
    list(APPEND roleauth_MISSING libc6-dev)
endif()
