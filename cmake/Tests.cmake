# SPDX-License-Identifier: Apache-2.0
#
# One GoogleTest program per folder of tests/ that holds a *_test.cpp, named FOLDER_tests; one CTest entry per test,
# named FOLDER.Suite.Case. A test finds its data through FT_TEST_DATA_DIR, the absolute path of tests/data, and
# shared test headers as "support/x.hpp". The tests of the tools find the programs in FT_TOOL_DIR.
find_package(GTest CONFIG REQUIRED)
include(GoogleTest)

# What tests share: tests/support. A program that counts allocations gets operator new replaced by linking it.
file(GLOB support_sources CONFIGURE_DEPENDS tests/support/*.cpp)
add_library(ft_test_support STATIC ${support_sources})
set_target_properties(ft_test_support PROPERTIES CXX_EXTENSIONS OFF)
target_include_directories(ft_test_support PUBLIC tests)
target_compile_definitions(ft_test_support PUBLIC FT_TEST_DATA_DIR="${PROJECT_SOURCE_DIR}/tests/data")
target_link_libraries(ft_test_support PUBLIC ft_protocol ft_json_tree PRIVATE OpenSSL::Crypto ft_warnings)

# The example of a protocol of one's own, as a part of this build.
add_subdirectory(examples/kv)
foreach(target kv kv_server kv_client)
  set_target_properties(${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/examples)
  target_link_libraries(${target} PRIVATE ft_warnings)
endforeach()

function(ft_test_program room)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS tests/${room}/*.cpp)
  add_executable(${room}_tests ${sources})
  set_target_properties(${room}_tests PROPERTIES
    CXX_EXTENSIONS OFF RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
  target_link_libraries(${room}_tests PRIVATE ft_test_support GTest::gmock_main ft_warnings)
  if(room IN_LIST FT_TRANSPORT_ROOMS)
    target_link_libraries(${room}_tests PRIVATE ft_${room})
    target_include_directories(${room}_tests PRIVATE ${PROJECT_SOURCE_DIR}/runtime/src)  # private headers have tests too
  endif()
  if(room STREQUAL "wire")
    target_link_libraries(${room}_tests PRIVATE kv)  # a second protocol beside ours
  endif()
  if(room STREQUAL "tools")
    target_link_libraries(${room}_tests PRIVATE tools_common)
    foreach(tool ${FT_TOOL_NAMES})
      add_dependencies(${room}_tests ${tool})
      if(TARGET ${tool}_parts)
        target_link_libraries(${room}_tests PRIVATE ${tool}_parts)
      endif()
    endforeach()
    target_compile_definitions(${room}_tests PRIVATE FT_TOOL_DIR="$<TARGET_FILE_DIR:ftdump>"
      FT_EXAMPLE_DIR="${PROJECT_BINARY_DIR}/examples" FT_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
    foreach(example worker coordinator codec)
      add_executable(${example}_example examples/${example}.cpp)
      set_target_properties(${example}_example PROPERTIES
        CXX_EXTENSIONS OFF RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/examples)
      target_link_libraries(${example}_example PRIVATE ft_warnings)
      add_dependencies(${room}_tests ${example}_example)
    endforeach()
    target_link_libraries(worker_example PRIVATE ft_transport)
    target_link_libraries(coordinator_example PRIVATE ft_transport)
    target_link_libraries(codec_example PRIVATE ft_protocol)
    add_dependencies(${room}_tests kv_server kv_client)
  endif()
  # What is tested is optimized; the tests themselves need not be, and compile in two thirds of the time.
  target_compile_options(${room}_tests PRIVATE $<$<CONFIG:Release>:-O0>)
  # Listing the tests when ctest runs, not while building, keeps a build going whose tests crash at start.
  gtest_discover_tests(${room}_tests
    TEST_PREFIX ${room}. WORKING_DIRECTORY ${PROJECT_SOURCE_DIR} NO_PRETTY_VALUES
    DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT 300)
endfunction()

file(GLOB_RECURSE test_files CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR}/tests tests/*_test.cpp)
set(test_rooms ${test_files})
list(TRANSFORM test_rooms REPLACE "/.*" "")
list(REMOVE_DUPLICATES test_rooms)
if(NOT test_rooms)
  message(FATAL_ERROR "FT_TESTS is ON, but no tests/*/*_test.cpp exists")
endif()
foreach(room ${test_rooms})
  ft_test_program(${room})
endforeach()

# The generator's tests, under the interpreter that ftgen runs with: one entry for each package below codegen/tests, and
# one for the tests beside them. They are the longest entries, so they start first.
set(codegen_environment FT_TOOL_DIR=$<TARGET_FILE_DIR:ftdump>)
if(Python3_EXECUTABLE)
  list(APPEND codegen_environment Python3_EXECUTABLE=${Python3_EXECUTABLE})
endif()
function(ft_generator_tests name)
  add_test(NAME ${name} COMMAND ${PROJECT_SOURCE_DIR}/cmake/ftgen-python -m unittest ${ARGN}
    WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  set_tests_properties(${name} PROPERTIES LABELS codegen TIMEOUT 900 COST 1000 ENVIRONMENT "${codegen_environment}")
endfunction()

file(GLOB codegen_tests CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR}/codegen codegen/tests/test_*.py)
list(TRANSFORM codegen_tests REPLACE "/(.*)\\.py" ".\\1")
ft_generator_tests(codegen ${codegen_tests})
file(GLOB codegen_packages CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR}/codegen/tests codegen/tests/*/test_*.py)
list(TRANSFORM codegen_packages REPLACE "/.*" "")
list(REMOVE_DUPLICATES codegen_packages)
foreach(package ${codegen_packages})
  ft_generator_tests(codegen.${package} discover -s codegen/tests/${package} -t codegen)
endforeach()

# What docs/your-own-protocol.md tells its reader: install, then build examples/kv as a project of its own.
if(FT_INSTALL AND CMAKE_BUILD_TYPE STREQUAL "Release")
  set(installed ${PROJECT_BINARY_DIR}/installed)
  add_test(NAME install.prefix COMMAND ${CMAKE_COMMAND} --install ${PROJECT_BINARY_DIR} --prefix ${installed}/prefix)
  add_test(NAME install.kv COMMAND ${CMAKE_CTEST_COMMAND}
    --build-and-test ${PROJECT_SOURCE_DIR}/examples/kv ${installed}/kv --build-generator ${CMAKE_GENERATOR}
    --build-options -DCMAKE_PREFIX_PATH=${installed}/prefix -DCMAKE_CXX_COMPILER=${CMAKE_CXX_COMPILER})
  set_tests_properties(install.prefix PROPERTIES FIXTURES_SETUP install TIMEOUT 300)
  set_tests_properties(install.kv PROPERTIES FIXTURES_REQUIRED install TIMEOUT 600)
endif()
