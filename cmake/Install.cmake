# SPDX-License-Identifier: Apache-2.0
#
# cmake --install: headers, libraries, tools, and the package fragment_transport with its components
# json_tree and transport.
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/fragment_transport)

install(DIRECTORY runtime/include/ generated/include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
  FILES_MATCHING PATTERN "*.hpp")

# An export set each, so that a user of ft::codec or ft::protocol alone needs neither Boost.JSON nor OpenSSL.
set(parts_of_transport ${FT_TRANSPORT_ROOMS})
list(TRANSFORM parts_of_transport PREPEND ft_)
foreach(room codec protocol json_tree transport)
  install(TARGETS ft_${room} ${parts_of_${room}} EXPORT ft_${room} INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
  install(EXPORT ft_${room} FILE ${room}.cmake NAMESPACE ft:: DESTINATION ${package_dir})
endforeach()

if(FT_TOOLS)
  install(TARGETS ${FT_TOOL_NAMES})
endif()

configure_package_config_file(cmake/fragment_transportConfig.cmake.in fragment_transportConfig.cmake
  INSTALL_DESTINATION ${package_dir} NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(fragment_transportConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES
  cmake/ProtocolLibrary.cmake
  ${CMAKE_CURRENT_BINARY_DIR}/fragment_transportConfig.cmake
  ${CMAKE_CURRENT_BINARY_DIR}/fragment_transportConfigVersion.cmake
  DESTINATION ${package_dir})
