// SPDX-License-Identifier: Apache-2.0
//
// codec_bench: how fast the codec is, beside its peers in one process, and what memory it takes.
//
//   codec_bench                                      a table of medians, then the goals and what was reached
//   codec_bench --rows-file FRAME                    with the rows of a frame instead of generated ones
//   codec_bench --timing-only                        without the measurement of memory
//   codec_bench --benchmark_filter=decode/rows       any flag of Google Benchmark, to see some of it
//
// Decoding includes the destruction of what was decoded; encoding appends to a buffer that has been as large before.
// The repetitions of all cases are interleaved at random, on one core, over a heap that keeps its pages; times are
// processor time, figures are medians. All of this program is compiled at -O3, the peers among it; the library as it
// is always built. Before anything is timed, everyone must have read and written the same. The exit status says whether
// the benchmark ran, not how fast: 0, or 1 after an error.
//
// The limit is memcpy. `boost_parse` is Boost.JSON's parser without conversion, `boost` when encoding its serializer
// into a buffer that is kept, and `boost_string` the function boost::json::serialize.
#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <exception>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "heap.hpp"
#include "peers.hpp"
#include "report.hpp"
#include "workload.hpp"

namespace bench {
namespace {

constexpr std::size_t kMiB = std::size_t{1} << 20;

struct NamedDecoder {
  const char* name;
  std::unique_ptr<Decoder> (*make)();
};
constexpr NamedDecoder kDecoders[] = {
    {"ours", make_ours}, {"boost", make_boost}, {"simdjson", make_simdjson}, {"simdjson_avx2", make_simdjson_avx2}};

void check(bool condition, const std::string& what) {
  if (!condition) throw std::runtime_error(what);
}

/// Every decoder reads what ours reads.
void check_equal(const Frame& frame) {
  const ft::TransportEnvelope ours = make_ours()->decode(frame);
  for (const NamedDecoder& peer : kDecoders) {
    const std::unique_ptr<Decoder> decoder = peer.make();
    if (decoder == nullptr) continue;
    const bool exact = std::strcmp(peer.name, "boost") != 0;
    check(same(ours, decoder->decode(frame), exact), std::string(peer.name) + " reads another message");
  }
}

/// What was read is written as it came, and by Boost.JSON as it is able to.
void check_written(const Frame& frame) {
  ft::PaddedBuffer out;
  ft::encode_envelope(make_ours()->decode(frame), out).value();
  const std::string_view payload(out.data() + ft::kFrameHeaderSize, out.size() - ft::kFrameHeaderSize);
  check(payload == std::string_view(frame.payload.data(), frame.payload.size()), "a frame is not in canonical form");
  BoostTree tree;
  tree.load(frame);
  check(same_json(payload, tree.serialize()), "Boost.JSON writes another message");
}

void report_bytes(benchmark::State& state, const Frame& frame) {
  state.SetBytesProcessed(static_cast<std::int64_t>(frame.payload.size()) * state.iterations());
}

void register_decode(const std::string& name, const Frame& frame, Decoder& decoder) {
  benchmark::RegisterBenchmark(name.c_str(), [&frame, &decoder](benchmark::State& state) {
    for (auto _ : state) decoder.decode_and_drop(frame);
    report_bytes(state, frame);
  });
}

void register_encode(const std::string& name, const Frame& frame, const ft::TransportEnvelope& envelope) {
  benchmark::RegisterBenchmark(name.c_str(), [&frame, &envelope](benchmark::State& state) {
    ft::PaddedBuffer out;
    ft::encode_envelope(envelope, out).value();
    for (auto _ : state) {
      out.resize(0);
      if (!ft::encode_envelope(envelope, out)) state.SkipWithError("encoding failed");
      benchmark::DoNotOptimize(out.data());
      benchmark::ClobberMemory();
    }
    report_bytes(state, frame);
  });
}

void register_boost_encode(const std::string& name, const Frame& frame, BoostTree& tree) {
  benchmark::RegisterBenchmark(("encode/" + name + "/boost").c_str(), [&frame, &tree](benchmark::State& state) {
    for (auto _ : state) benchmark::DoNotOptimize(tree.serialize().data());
    report_bytes(state, frame);
  });
  benchmark::RegisterBenchmark(("encode/" + name + "/boost_string").c_str(), [&frame, &tree](benchmark::State& state) {
    for (auto _ : state) benchmark::DoNotOptimize(tree.serialize_string().data());
    report_bytes(state, frame);
  });
}

void register_boost_parse(const std::string& name, const Frame& frame, BoostTree& tree) {
  benchmark::RegisterBenchmark(("decode/" + name + "/boost_parse").c_str(), [&frame, &tree](benchmark::State& state) {
    for (auto _ : state) tree.parse(frame);
    report_bytes(state, frame);
  });
}

void register_copy(const std::string& name, const Frame& frame) {
  benchmark::RegisterBenchmark(("copy/" + name + "/memcpy").c_str(), [&frame](benchmark::State& state) {
    std::vector<char> out(frame.payload.size());
    for (auto _ : state) {
      std::memcpy(out.data(), frame.payload.data(), frame.payload.size());
      benchmark::DoNotOptimize(out.data());
      benchmark::ClobberMemory();
    }
    report_bytes(state, frame);
  });
}

/// Decodes 60 MiB of rows with everyone, in processes of their own.
void measure_memory(Report& report) {
  for (const NamedDecoder& peer : kDecoders) {
    if (peer.make() == nullptr) continue;
    Frame frame;
    std::unique_ptr<Decoder> decoder;
    const auto prepare = [&] {
      frame = rows_frame(60 * kMiB);
      decoder = peer.make();
    };
    report.add_memory(peer.name, peak_use(prepare, [&] { decoder->decode_and_drop(frame); }), 60 * kMiB);
  }
}

void count_allocations(Report& report, const std::string& name, const Frame& frame) {
  const std::unique_ptr<Decoder> ours = make_ours();
  const HeapUse decode = heap_use([&] { ours->decode_and_drop(frame); });
  const ft::TransportEnvelope envelope = ours->decode(frame);
  ft::PaddedBuffer out;
  ft::encode_envelope(envelope, out).value();
  const HeapUse encode = heap_use([&] {
    out.resize(0);
    ft::encode_envelope(envelope, out).value();
  });
  report.add_allocations("decode/" + name, decode.allocations);
  report.add_allocations("encode/" + name, encode.allocations);
}

void run(int argc, char** argv) {
  std::optional<std::string> rows_file;
  bool timing_only = false;
  // Ours come first, so that flags from the command line win.
  std::vector<std::string> flags{argv[0], "--benchmark_repetitions=9", "--benchmark_enable_random_interleaving=true",
                                 "--benchmark_min_time=0.1"};
  for (int i = 1; i < argc; ++i) {
    if (std::string_view(argv[i]) == "--rows-file" && i + 1 < argc) {
      rows_file = argv[++i];
    } else if (std::string_view(argv[i]) == "--timing-only") {
      timing_only = true;
    } else {
      flags.push_back(argv[i]);
    }
  }
  std::vector<char*> pointers;
  for (std::string& flag : flags) pointers.push_back(flag.data());
  int count = static_cast<int>(pointers.size());
  benchmark::Initialize(&count, pointers.data());
  if (count > 1) throw std::runtime_error(std::string("unknown argument: ") + pointers[1]);

  Report report;
  if (!timing_only) measure_memory(report);
  warm_heap();

  std::map<std::string, Frame> frames;
  frames.emplace("cancel", cancel_frame());
  frames.emplace("join", load_frame(FT_BENCH_DATA_DIR "/execute_join.frame"));
  frames.emplace("rows", rows_file ? load_frame(*rows_file) : rows_frame(8 * kMiB));

  std::vector<std::unique_ptr<Decoder>> decoders;
  std::vector<std::unique_ptr<BoostTree>> trees;
  std::vector<std::unique_ptr<ft::TransportEnvelope>> envelopes;
  for (const auto& [name, frame] : frames) {
    check_written(frame);
    if (name != "join") check_equal(frame);
    count_allocations(report, name, frame);
    for (const NamedDecoder& peer : kDecoders) {
      std::unique_ptr<Decoder> decoder = peer.make();
      if (decoder == nullptr || (name == "join" && peer.make != make_ours)) continue;
      decoders.push_back(std::move(decoder));
      register_decode("decode/" + name + "/" + peer.name, frame, *decoders.back());
    }
    trees.push_back(std::make_unique<BoostTree>());
    register_boost_parse(name, frame, *trees.back());

    envelopes.push_back(std::make_unique<ft::TransportEnvelope>(make_ours()->decode(frame)));
    register_encode("encode/" + name + "/ours", frame, *envelopes.back());
    trees.push_back(std::make_unique<BoostTree>());
    trees.back()->load(frame);
    register_boost_encode(name, frame, *trees.back());
    register_copy(name, frame);
  }
  benchmark::RunSpecifiedBenchmarks(&report);
  report.print();
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
  try {
    bench::run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "codec_bench: %s\n", error.what());
    return 1;
  }
}
