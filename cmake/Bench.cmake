# SPDX-License-Identifier: Apache-2.0
#
# codec_bench: the codec beside its peers in one program, from all of bench/. All of it, the peers among it, is compiled
# at -O3; the library stays as it is.
find_package(benchmark CONFIG REQUIRED)
find_package(simdjson CONFIG REQUIRED)

file(GLOB bench_sources CONFIGURE_DEPENDS bench/*.cpp)
# Inline functions that two files have in common are taken from the first: from the one for any processor.
set(avx2_source ${PROJECT_SOURCE_DIR}/bench/simdjson_peer_avx2.cpp)
list(REMOVE_ITEM bench_sources ${avx2_source})
list(APPEND bench_sources ${avx2_source})
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  set_source_files_properties(${avx2_source} PROPERTIES COMPILE_OPTIONS "-mavx2;-mbmi;-mpclmul;-mlzcnt")
endif()

add_executable(codec_bench ${bench_sources})
target_compile_features(codec_bench PRIVATE cxx_std_20)
set_target_properties(codec_bench PROPERTIES CXX_EXTENSIONS OFF)
target_compile_options(codec_bench PRIVATE $<$<CONFIG:Release>:-O3>)
target_compile_definitions(codec_bench PRIVATE FT_BENCH_DATA_DIR="${PROJECT_SOURCE_DIR}/bench/data")
target_include_directories(codec_bench PRIVATE bench)
# Boost.JSON comes in as source, so that it gets the same flags (bench/boost_peer.cpp).
target_link_libraries(codec_bench PRIVATE
  ft_protocol Boost::headers benchmark::benchmark simdjson::simdjson ft_warnings)
