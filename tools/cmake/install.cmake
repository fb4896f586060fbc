# cmake --install: everything below CMAKE_INSTALL_PREFIX (and DESTDIR).
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/roleauth)
set(pkgconfig_dir ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

set_target_properties(roleauth_static PROPERTIES EXPORT_NAME roleauth_static)
set_target_properties(roleauth_testing PROPERTIES EXPORT_NAME testing)
install(TARGETS roleauth EXPORT roleauth
    LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(TARGETS roleauth_static roleauth_testing EXPORT roleauth_static
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(FILES include/roleauth.h include/roleauth_testing.h
    DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
if(TARGET roleauth_tool)
    install(TARGETS roleauth_tool DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()

# ---- documentation -----------------------------------------------------
foreach(section 1 3 5 7)
    file(GLOB pages CONFIGURE_DEPENDS docs/*.${section})
    install(FILES ${pages} DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section})
endforeach()
install(FILES LICENSE NEWS README.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
# Under docs/ again, so that the links of the README lead somewhere.
file(GLOB guides CONFIGURE_DEPENDS docs/*.md)
install(FILES ${guides} DESTINATION ${CMAKE_INSTALL_DOCDIR}/docs)
# demo.sh builds a checkout, which an installation is not.
install(DIRECTORY examples/ DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples
    PATTERN CMakeLists.txt EXCLUDE
    PATTERN demo.sh EXCLUDE)

# ---- pkg-config --------------------------------------------------------
# The prefix is told from where the .pc file lies, so that a tree that was
# moved, or staged by DESTDIR, is still right.
if(IS_ABSOLUTE "${CMAKE_INSTALL_LIBDIR}" OR
   IS_ABSOLUTE "${CMAKE_INSTALL_INCLUDEDIR}")
    set(PC_PREFIX "${CMAKE_INSTALL_PREFIX}")
    set(PC_LIBDIR "${CMAKE_INSTALL_FULL_LIBDIR}")
    set(PC_INCLUDEDIR "${CMAKE_INSTALL_FULL_INCLUDEDIR}")
else()
    file(RELATIVE_PATH up "/${pkgconfig_dir}" "/")
    string(REGEX REPLACE "/$" "" up "${up}")
    set(PC_PREFIX "\${pcfiledir}/${up}")
    set(PC_LIBDIR "\${prefix}/${CMAKE_INSTALL_LIBDIR}")
    set(PC_INCLUDEDIR "\${prefix}/${CMAKE_INSTALL_INCLUDEDIR}")
endif()
foreach(module roleauth roleauth-testing)
    configure_file(tools/cmake/${module}.pc.in ${module}.pc @ONLY)
    install(FILES ${PROJECT_BINARY_DIR}/${module}.pc
        DESTINATION ${pkgconfig_dir})
endforeach()

# ---- CMake package -----------------------------------------------------
install(EXPORT roleauth NAMESPACE roleauth:: FILE roleauth-targets.cmake
    DESTINATION ${package_dir})
install(EXPORT roleauth_static NAMESPACE roleauth::
    FILE roleauth-static-targets.cmake DESTINATION ${package_dir})
configure_package_config_file(tools/cmake/roleauth-config.cmake.in
    roleauth-config.cmake INSTALL_DESTINATION ${package_dir}
    NO_SET_AND_CHECK_MACRO)
# Before 1.0 another minor version may be another interface.
write_basic_package_version_file(roleauth-config-version.cmake
    COMPATIBILITY SameMinorVersion)
install(FILES
    ${PROJECT_BINARY_DIR}/roleauth-config.cmake
    ${PROJECT_BINARY_DIR}/roleauth-config-version.cmake
    DESTINATION ${package_dir})
install(FILES tools/cmake/dependencies.cmake DESTINATION ${package_dir}
    RENAME roleauth-dependencies.cmake)
