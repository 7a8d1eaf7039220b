// SPDX-License-Identifier: Apache-2.0
#include "ftdump/renderer.hpp"

#include <vector>

#include "ftdump/foreign.hpp"
#include "ftdump/hex_view.hpp"
#include "ftdump/summary.hpp"
#include "ftdump/text.hpp"
#include "ftdump/tree.hpp"

namespace ft::tools {

namespace {

constexpr std::string_view kPlain = "\x1b[0m";
constexpr std::string_view kFaint = "\x1b[2m";
constexpr std::string_view kBold = "\x1b[1m";
constexpr std::string_view kProblem = "\x1b[1;31m";
constexpr std::string_view kNote = "\x1b[33m";
constexpr std::string_view kKey = "\x1b[36m";

constexpr std::string_view kWithheld = "withheld, for it may hold secrets; --show-secrets shows it";

bool is_request(MessageType type) noexcept { return (static_cast<std::uint8_t>(type) & 0x80U) == 0; }

/// Appends `text` at least `width` wide.
void append_left(std::string& out, std::string_view text, std::size_t width) {
  out += text;
  if (text.size() < width) out.append(width - text.size(), ' ');
}
void append_right(std::string& out, std::string_view text, std::size_t width) {
  if (text.size() < width) out.append(width - text.size(), ' ');
  out += text;
}

/// In a capture that a program wrote; what it held was longer.
bool is_redacted(const SecretString& token) { return token.reveal() == "***"; }

std::string token_text(const SecretString& token, bool show) {
  const std::string& value = token.reveal();
  std::string out = "token=";
  if (value.empty() || show) {
    append_quoted(out, value);
  } else if (is_redacted(token)) {
    out += value;
  } else {
    out += "***(" + std::to_string(value.size()) + (value.size() == 1 ? " byte)" : " bytes)");
  }
  return out;
}

/// The code, where and what, what is next; the code's own text and hint are for the tree.
std::string problem_text(const Record& record) {
  const Error& error = record.error;
  std::string out;
  if (!error.detail.empty()) {
    out += error.detail.front() == '"' || error.detail.front() == '(' ? " " : ": ";
    append_plain(out, error.detail);
  }
  if (error.offset != Error::no_offset) out += ", at byte " + std::to_string(error.offset);
  if (!error.path.empty()) {
    out += ", in ";
    append_plain(out, error.path);
  }
  if (const std::string_view likely = foreign_format(record); !likely.empty()) out.append("; ").append(likely);
  if (record.kind == Record::Kind::refused) return out;
  return out + (record.next ? "; next frame at " + std::to_string(*record.next) : "; no frame follows");
}

}  // namespace

void Renderer::start(std::string_view file) {
  file_.clear();
  append_quoted(file_, file);
  if (format_.headings && !format_.json) {
    std::string heading;
    append_plain(heading, file);
    out_ << (started_ ? "\n" : "") << colour(kBold) << "==> " << heading << " <==" << colour(kPlain) << '\n';
  }
  started_ = true;
}

void Renderer::show(const Record& record) {
  if (format_.json) return show_json(record);
  show_line(record);
  if (format_.tree) show_tree(record);
  if (format_.hex) show_hex(record);
}

void Renderer::show_line(const Record& record) {
  std::string line(colour(kFaint));
  append_right(line, std::to_string(record.offset), 8);
  line.append(colour(kPlain)).append("  ");
  if (const auto connection = record.captured.connection) {
    append_left(line, "#" + std::to_string(*connection), 4);
    line += ' ';
  }
  line += colour(kBold);
  line.append(!record.type ? "?? " : is_request(*record.type) ? "-> " : "<- ");
  append_left(line, record.type ? to_name(*record.type) : "no frame", 20);
  line.append(colour(kPlain));
  append_right(line, std::to_string(record.length), 9);
  line += " B  ";
  if (record.kind == Record::Kind::frame) {
    line.append("v").append(std::to_string(record.envelope.version)).append(" ");
    line += token_text(record.envelope.auth_token, format_.show_secrets) + "  ";
    line += summarise(record.envelope.payload, format_.show_secrets);
    for (const std::string& note : notes_on(*record.type, record.envelope, record.unknown_keys)) {
      line.append("  ").append(colour(kNote)).append("[");
      append_plain(line, note);
      line.append("]").append(colour(kPlain));
    }
  } else if (!record.captured.reason.empty()) {
    line.append(colour(kProblem)).append("!! not captured").append(colour(kPlain)).append(": ");
    append_plain(line, record.captured.reason);
  } else {
    line.append(colour(kProblem)).append("!! ").append(to_name(record.error.code)).append(colour(kPlain));
    line += problem_text(record);
  }
  line += '\n';
  out_ << line;
}

std::string_view Renderer::encode(const TransportEnvelope& envelope, bool masked, PaddedBuffer& buffer) const {
  buffer.resize(0);
  json::Writer w(buffer, static_cast<std::size_t>(-1), masked ? json::Writer::Mode::masked : json::Writer::Mode::wire);
  ft::encode(w, envelope);
  w.finish();  // what was decoded can be encoded
  return {buffer.data(), buffer.size()};
}

void Renderer::show_tree(const Record& record) {
  if (record.kind != Record::Kind::frame) return show_problem(record);
  const TreeStyle style{format_.full, 4, colour(kKey), colour(kPlain)};
  print_tree(encode(record.envelope, !format_.show_secrets, buffer_), style, out_);
  out_ << '\n';
}

void Renderer::show_problem(const Record& record) {
  if (!record.captured.reason.empty()) {
    out_ << "    hint: the frame came, but did not decode; its bytes are not in the capture, for they may hold "
            "secrets\n\n";
    return;
  }
  std::string text = "    code: ";
  text.append(to_name(record.error.code)).append(" (").append(info(record.error.code).text).append(")");
  if (record.error.offset != Error::no_offset) text += "\n    byte: " + std::to_string(record.error.offset);
  if (!record.error.path.empty()) {
    text += "\n    path: ";
    append_plain(text, record.error.path);
  }
  if (!record.error.detail.empty()) {
    text += "\n    what: ";
    append_plain(text, record.error.detail);
  }
  text.append("\n    hint: ").append(info(record.error.code).hint);
  if (!format_.show_secrets) text.append("\n    bytes: ").append(kWithheld);
  out_ << text << "\n\n";
}

void Renderer::show_hex(const Record& record) {
  if (format_.show_secrets) {
    print_hex(record.bytes, record.offset, {}, out_);
    if (record.bytes.size() < record.length) {
      out_ << "  ... " << std::to_string(record.length - record.bytes.size()) << " bytes more\n";
    }
    out_ << '\n';
    return;
  }
  if (record.kind == Record::Kind::broken) {
    out_ << "  " << std::to_string(record.length) << " bytes " << kWithheld << "\n\n";
    return;
  }
  std::string_view shown = record.bytes.substr(0, kFrameHeaderSize);
  std::string withheld = std::to_string(record.payload().size()) + " bytes of payload " + std::string(kWithheld);
  std::optional<std::vector<Span>> secrets;
  if (record.kind == Record::Kind::frame) {
    const std::string_view wire = encode(record.envelope, false, wire_);
    secrets = find_secrets(wire, encode(record.envelope, true, buffer_));
    // In another form than the canonical one secrets stand elsewhere; without any, and without keys that nobody knows,
    // it is no matter.
    const std::string_view payload = record.payload();
    const bool canonical = wire.size() + record.captured.added == payload.size() && payload.ends_with('}') &&
                           payload.starts_with(wire.substr(0, wire.size() - 1));
    const bool harmless = secrets && secrets->empty() && record.unknown_keys == 0;
    if (secrets && (canonical || harmless)) {
      shown = record.bytes;
      for (Span& secret : *secrets) {
        secret.begin += kFrameHeaderSize;
        secret.end += kFrameHeaderSize;
      }
    } else {
      secrets.reset();
      withheld = std::to_string(record.payload().size()) +
                 " bytes of payload withheld: not in canonical form, so its secrets cannot be told apart; "
                 "--show-secrets shows it";
    }
  }
  print_hex(shown, record.offset, secrets ? std::span<const Span>(*secrets) : std::span<const Span>(), out_);
  if (!secrets && !record.payload().empty()) out_ << "  " << withheld << '\n';
  out_ << '\n';
}

void Renderer::show_json(const Record& record) {
  std::string line = "{\"file\":" + file_ + ",\"offset\":" + std::to_string(record.offset) +
                     ",\"length\":" + std::to_string(record.length);
  line += ",\"type\":";
  if (record.type) {
    append_quoted(line, to_name(*record.type));
    line.append(",\"direction\":").append(is_request(*record.type) ? "\"request\"" : "\"answer\"");
  } else {
    line += "null,\"direction\":null";
  }
  if (const auto connection = record.captured.connection) line += ",\"connection\":" + std::to_string(*connection);
  if (!record.captured.reason.empty()) {
    line += ",\"not_captured\":";
    append_quoted(line, record.captured.reason);
  }
  if (record.kind == Record::Kind::frame) {
    const SecretString& token = record.envelope.auth_token;
    line += ",\"token_bytes\":" + (is_redacted(token) ? "null" : std::to_string(token.reveal().size()));
    line += ",\"unknown_keys\":" + std::to_string(record.unknown_keys) + ",\"notes\":[";
    bool first = true;
    for (const std::string& note : notes_on(*record.type, record.envelope, record.unknown_keys)) {
      if (!first) line += ',';
      first = false;
      append_quoted(line, note);
    }
    line += "],\"envelope\":";
    append_safe_json(line, encode(record.envelope, !format_.show_secrets, buffer_));
    out_ << line << "}\n";
    return;
  }
  line.append(",\"error\":{\"code\":\"").append(to_name(record.error.code)).append("\",\"offset\":");
  line += record.error.offset == Error::no_offset ? "null" : std::to_string(record.error.offset);
  line += ",\"path\":";
  append_quoted(line, record.error.path);
  line += ",\"message\":";
  append_quoted(line, record.error.message());
  line += "},\"next\":" + (record.next ? std::to_string(*record.next) : "null");
  out_ << line;
  if (format_.show_secrets) {
    out_ << ",\"bytes\":\"";
    print_digits(record.bytes, out_);
    out_ << '"';
  }
  out_ << "}\n";
}

}  // namespace ft::tools
