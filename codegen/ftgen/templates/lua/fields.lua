-- SPDX-License-Identifier: Apache-2.0
-- What Wireshark is told at the start: the protocol, its fields, what can be wrong with a frame, and the preferences.

local proto = Proto(NAME, (NAME:gsub("_", " ")))

local fields = {
  msg_type = ProtoField.uint8(NAME .. ".msg_type", "msg_type", base.HEX, nil, nil, "The first byte of the frame"),
  payload_len = ProtoField.uint32(NAME .. ".payload_len", "payload_len", base.DEC, nil, nil, "Bytes of the payload"),
  item = ProtoField.string(NAME .. ".item", "item", base.NONE, "An element of a list, or what a variant holds"),
  request_in = ProtoField.framenum(NAME .. ".request_in", "Request in", base.NONE, frametype.REQUEST, 0,
    "The packet that asked"),
  response_in = ProtoField.framenum(NAME .. ".response_in", "Response in", base.NONE, frametype.RESPONSE, 0,
    "The packet that answered"),
  response_time = ProtoField.relative_time(NAME .. ".response_time", "Response time", "From the request to its answer"),
}

local DECIMAL = {uint64 = true, int64 = true}
local schema_fields = {}  -- by filter
for _, row in ipairs(FILTERS) do
  local filter, kind, key, doc = row[1], row[2], row[3], row[4]
  local name = NAME .. "." .. filter
  if kind == "bool" or DECIMAL[kind] then
    schema_fields[filter] = ProtoField[kind](name, key, DECIMAL[kind] and base.DEC or base.NONE, nil, nil, doc)
  elseif kind == "double" then
    schema_fields[filter] = ProtoField.double(name, key, nil, doc)
  elseif kind == "string" then
    schema_fields[filter] = ProtoField.string(name, key, base.NONE, doc)
  else
    schema_fields[filter] = ProtoField.none(name, key, doc)
  end
end

local problems = {}
local function problem(name, text, group, severity)
  problems[name] = ProtoExpert.new(NAME .. ".expert." .. name, text, expert.group[group], expert.severity[severity])
end
problem("unknown_byte", "No message begins with this byte", "MALFORMED", "ERROR")
problem("too_long", "The payload is longer than allowed", "MALFORMED", "ERROR")
problem("not_json", "The payload is no JSON", "MALFORMED", "ERROR")
problem("unknown_variant", "Unknown variant", "MALFORMED", "ERROR")
problem("missing_key", "A required key is missing", "MALFORMED", "ERROR")
problem("duplicate_key", "A key stands twice", "MALFORMED", "ERROR")
problem("wrong_type", "The value is none of its type", "MALFORMED", "ERROR")
problem("wrong_message", "This message does not carry this payload", "PROTOCOL", "ERROR")
problem("version", "Version outside of the window", "PROTOCOL", "WARN")
problem("unknown_key", "Unknown key", "UNDECODED", "NOTE")
problem("shortened", "Not all is shown", "UNDECODED", "NOTE")
problem("cut", "Cut by the capture, or not reassembled", "UNDECODED", "NOTE")
problem("unasked", "No request waits for this answer", "SEQUENCE", "NOTE")

proto.prefs.ports = Pref.range("Ports", "", "TCP ports of the protocol, with TLS or without", 65535)
proto.prefs.show_bytes = Pref.uint("Largest payload", 1048576, "Payloads of more bytes are not looked into")
proto.prefs.show_items = Pref.uint("Most items", 20000, "How many lines the tree of a frame may have, up to 100000")

local all_fields = {}
for _, group in ipairs({fields, schema_fields}) do
  for _, field in pairs(group) do all_fields[#all_fields + 1] = field end
end
proto.fields = all_fields
proto.experts = problems
