# SPDX-License-Identifier: Apache-2.0
#
# The benchmarks. codec_bench: the codec beside its peers in one program, from bench/codec. All of it, the peers among
# it, is compiled at -O3; the library stays as it is.
find_package(benchmark CONFIG REQUIRED)
find_package(simdjson CONFIG REQUIRED)

file(GLOB bench_sources CONFIGURE_DEPENDS bench/codec/*.cpp)
# Inline functions that two files have in common are taken from the first: from the one for any processor.
set(avx2_source ${PROJECT_SOURCE_DIR}/bench/codec/simdjson_peer_avx2.cpp)
list(REMOVE_ITEM bench_sources ${avx2_source})
list(APPEND bench_sources ${avx2_source})
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  set_source_files_properties(${avx2_source} PROPERTIES COMPILE_OPTIONS "-mavx2;-mbmi;-mpclmul;-mlzcnt")
endif()

add_executable(codec_bench ${bench_sources})
target_compile_features(codec_bench PRIVATE cxx_std_20)
set_target_properties(codec_bench PROPERTIES CXX_EXTENSIONS OFF)
target_compile_options(codec_bench PRIVATE $<$<CONFIG:Release>:-O3>)
target_compile_definitions(codec_bench PRIVATE FT_BENCH_DATA_DIR="${PROJECT_SOURCE_DIR}/bench/codec/data")
target_include_directories(codec_bench PRIVATE bench/codec)
# Boost.JSON comes in as source, so that it gets the same flags (bench/codec/boost_peer.cpp).
target_link_libraries(codec_bench PRIVATE
  ft_protocol Boost::headers benchmark::benchmark simdjson::simdjson ft_whole ft_warnings)

# transport_bench: the server beside a raw echo. Certificates and rows come from where they are made for others.
file(GLOB transport_sources CONFIGURE_DEPENDS bench/transport/*.cpp)
add_executable(transport_bench ${transport_sources} bench/codec/workload.cpp
  tests/support/certificates.cpp tests/support/temporary_folder.cpp)
set_target_properties(transport_bench PROPERTIES CXX_EXTENSIONS OFF)
target_include_directories(transport_bench PRIVATE bench bench/codec tests)
target_link_libraries(transport_bench PRIVATE ft_transport ft_whole ft_warnings)
