# SPDX-License-Identifier: Apache-2.0
#
# The trial of a version 2 (tests/trial): the programs once more, built over the generated code of nodes that speak both
# versions, and of those that speak the second alone. Nodes of version 1 are the programs of this build as they are.
#
#   trial/gen/{both,v1,v2}     what ftgen makes of the edited schema
#   trial/{both,v2}/           ftconform, ftworker, ftexec
#
# It is built without optimization and without warnings: a new variant is missing from switches in the hand-written
# code, as it is when a real version begins. Most files are compiled several at once, which takes a third of the time;
# who gets a redefinition only here has given the same name twice in two unnamed namespaces of a room.
set(trial_default ON)
if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "GNU" OR CMAKE_CXX_FLAGS MATCHES "-fsanitize")
  set(trial_default OFF)  # what other compilers and sanitizers make of the code, the tests of the rooms tell
endif()
option(FT_TRIAL "Build and run the trial of a version 2, with the tests (Python)" ${trial_default})
if(NOT FT_TRIAL)
  return()
endif()

set(trial ${PROJECT_BINARY_DIR}/trial)

file(GLOB_RECURSE trial_inputs CONFIGURE_DEPENDS schema/*.yaml schema/lock/*.json codegen/ftgen/*)
file(GLOB_RECURSE trial_outputs CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR}/generated generated/src/*.cpp)
foreach(node both v2)
  list(TRANSFORM trial_outputs PREPEND ${trial}/gen/${node}/ OUTPUT_VARIABLE ${node}_sources)
endforeach()
add_custom_command(OUTPUT ${trial}/gen/made
  COMMAND ${PROJECT_SOURCE_DIR}/cmake/ftgen-python ${PROJECT_SOURCE_DIR}/tests/trial/make.py codecs ${trial}/gen
  COMMAND ${CMAKE_COMMAND} -E touch ${trial}/gen/made
  DEPENDS tests/trial/make.py tests/trial/v2.yaml ${trial_inputs}
  BYPRODUCTS ${both_sources} ${v2_sources}
  COMMENT "Making the trial's codecs" VERBATIM)
add_custom_target(trial_codecs DEPENDS ${trial}/gen/made)

# What every decode file and the rows call alike in their unnamed namespaces.
set(trial_apart ${both_sources} ${v2_sources})
list(FILTER trial_apart INCLUDE REGEX "_(decode|rows)\\.cpp$")
list(APPEND trial_apart
  ${PROJECT_SOURCE_DIR}/runtime/src/observe/prometheus.cpp ${PROJECT_SOURCE_DIR}/runtime/src/net/pool_options.cpp)
set_source_files_properties(${trial_apart} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)

function(ft_trial_properties target)
  target_compile_features(${target} PUBLIC cxx_std_20)
  target_compile_options(${target} PRIVATE -O0 -g0 -Wno-subobject-linkage)  # it is for headers
  set_target_properties(${target} PROPERTIES CXX_EXTENSIONS OFF UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 0
    RUNTIME_OUTPUT_DIRECTORY ${trial}/${ARGN})
endfunction()

# What knows nothing of the generated code, for all nodes.
file(GLOB trial_common CONFIGURE_DEPENDS runtime/src/security/*.cpp tools/common/*.cpp)
add_library(trial_common STATIC ${trial_common})
ft_trial_properties(trial_common)
target_include_directories(trial_common PUBLIC runtime/src tools)
target_compile_definitions(trial_common PUBLIC BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_DISABLE_BOOST_ARRAY)
target_link_libraries(trial_common PUBLIC ft_codec OpenSSL::SSL Threads::Threads CLI11::CLI11)

foreach(node both v2)
  foreach(room session observe net)
    file(GLOB ${room}_sources CONFIGURE_DEPENDS runtime/src/${room}/*.cpp)
  endforeach()
  add_library(trial_${node}_codec STATIC ${${node}_sources})
  add_library(trial_${node}_session STATIC ${session_sources} ${observe_sources})
  add_library(trial_${node}_net STATIC ${net_sources})
  foreach(part codec session net)
    ft_trial_properties(trial_${node}_${part})
    add_dependencies(trial_${node}_${part} trial_codecs)
  endforeach()
  target_include_directories(trial_${node}_codec PUBLIC ${trial}/gen/${node}/include PRIVATE ${trial}/gen/${node}/src)
  target_link_libraries(trial_${node}_codec PUBLIC trial_common)
  target_link_libraries(trial_${node}_session PUBLIC trial_${node}_codec)
  target_link_libraries(trial_${node}_net PUBLIC trial_${node}_session)
  foreach(tool ftconform ftworker ftexec)
    file(GLOB sources CONFIGURE_DEPENDS tools/${tool}/*.cpp)
    add_executable(trial_${node}_${tool} ${sources})
    ft_trial_properties(trial_${node}_${tool} ${node})
    set_target_properties(trial_${node}_${tool} PROPERTIES OUTPUT_NAME ${tool})
  endforeach()
  target_link_libraries(trial_${node}_ftconform PRIVATE trial_${node}_codec Boost::json)
  target_link_libraries(trial_${node}_ftworker PRIVATE trial_${node}_net)
  target_link_libraries(trial_${node}_ftexec PRIVATE trial_${node}_net)
endforeach()

# One entry for each part of the trial, tests/trial/test_NAME.py.
foreach(part schema codecs upgrade page)
  add_test(NAME trial.${part}
    COMMAND ${PROJECT_SOURCE_DIR}/cmake/ftgen-python -m unittest discover -s tests/trial -p test_${part}.py
    WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  set_tests_properties(trial.${part} PROPERTIES LABELS trial TIMEOUT 300 COST 100
    ENVIRONMENT "FT_TOOL_DIR=$<TARGET_FILE_DIR:ftworker>;FT_TRIAL_DIR=${trial}")
endforeach()
