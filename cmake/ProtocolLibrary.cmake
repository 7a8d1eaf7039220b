# SPDX-License-Identifier: Apache-2.0
#
# ft_protocol_library(NAME FOLDER): the library NAME of what `ftgen generate --out FOLDER` wrote, on top of ft::codec.
# What links NAME includes the headers by their namespace: <ft/kv/gen/frames.hpp>. Libraries of several protocols may be
# linked into one program. Part of the package fragment_transport; docs/your-own-protocol.md shows its use.
function(ft_protocol_library name folder)
  cmake_path(ABSOLUTE_PATH folder BASE_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR})
  file(GLOB sources CONFIGURE_DEPENDS ${folder}/src/*.cpp)
  if(NOT sources)
    message(FATAL_ERROR "ft_protocol_library: no sources in ${folder}/src; ftgen generate --out ${folder} writes them")
  endif()
  # A large result spends its time here: an optimized build compiles these with -O3 whatever it takes for the rest.
  set(rows ${sources})
  list(FILTER rows INCLUDE REGEX "_rows\\.cpp$")
  if(rows)
    set_source_files_properties(${rows} PROPERTIES COMPILE_OPTIONS "$<$<CONFIG:Release>:-O3>")
  endif()

  add_library(${name} ${sources})
  target_compile_features(${name} PUBLIC cxx_std_20)
  set_target_properties(${name} PROPERTIES CXX_EXTENSIONS OFF)
  target_include_directories(${name} PUBLIC $<BUILD_INTERFACE:${folder}/include> PRIVATE ${folder}/src)
  target_link_libraries(${name} PUBLIC ft::codec)
endfunction()
