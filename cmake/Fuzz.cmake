# SPDX-License-Identifier: Apache-2.0
#
# Every fuzz/NAME_fuzz.cpp becomes the libFuzzer program NAME_fuzz: a further target is a further file. The flags that
# instrument the library stand in the preset `fuzz`; here only the driver is added.
if(NOT CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  message(FATAL_ERROR "FT_FUZZ needs clang: cmake --preset fuzz")
endif()

# What the targets share, also the shape of the schema from generated/fuzz.
add_library(fuzz_parts STATIC fuzz/mutator.cpp)
set_target_properties(fuzz_parts PROPERTIES CXX_EXTENSIONS OFF)
target_link_libraries(fuzz_parts PUBLIC ft_json_tree PRIVATE ft_warnings)

function(ft_fuzz name)
  add_executable(${name} fuzz/${name}.cpp)
  set_target_properties(${name} PROPERTIES CXX_EXTENSIONS OFF)
  target_include_directories(${name} PRIVATE fuzz)
  target_link_libraries(${name} PRIVATE ft_session fuzz_parts ft_warnings)
  target_link_options(${name} PRIVATE -fsanitize=fuzzer)
endfunction()

file(GLOB fuzz_files CONFIGURE_DEPENDS fuzz/*_fuzz.cpp)
if(NOT fuzz_files)
  message(FATAL_ERROR "FT_FUZZ is ON, but no fuzz/*_fuzz.cpp exists")
endif()
foreach(file ${fuzz_files})
  cmake_path(GET file STEM name)
  ft_fuzz(${name})
endforeach()
