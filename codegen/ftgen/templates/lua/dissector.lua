-- SPDX-License-Identifier: Apache-2.0
-- The dissector itself: frames out of a stream of bytes, one after the other, and where Wireshark finds it.
--
-- A frame is a message byte, the payload's length (4 bytes, little-endian) and the payload. What begins with no such
-- header is one malformed item up to the end of the segment; the next segment is tried afresh.

local OPENING = '{"' .. FIRST_KEY .. '":'

local recognised = {}  -- connections inside of TLS that have spoken the protocol

local function plausible(tvb, offset)
  return MESSAGES[tvb(offset, 1):uint()] and tvb(offset + 1, 4):le_uint() <= MAX_PAYLOAD
end

-- The version whose eyes judge the payload: the envelope's, moved into the window; and whether it had to be.
local function version_of(root)
  local version = CURRENT_VERSION
  for _, member in ipairs(VERSION_KEY and root.members or {}) do
    if member.key == VERSION_KEY then version = tonumber(member.value.text) or version end
  end
  local judging = math.max(MIN_VERSION, math.min(version, CURRENT_VERSION))
  return judging, judging ~= version
end

local function accepts(message, path)
  local so_far
  for _, name in ipairs(path) do
    so_far = so_far and so_far .. "." .. name or name
    for _, accepted in ipairs(message.accepts) do
      if accepted == so_far then return true end
    end
  end
  return #path == 0   -- unknown, and said so already
end

-- Shows the payload below the item of the frame; gives the variants that it is made of, and the id.
local function show_payload(tvb, root_item, message)
  local size = tvb:len() - HEADER_SIZE
  if size > proto.prefs.show_bytes then
    root_item:add_proto_expert_info(problems.shortened, "The payload is larger than the preference show_bytes")
    return {}
  end
  local text = size > 0 and tvb:raw(HEADER_SIZE, size) or ""
  local root, what, at = parse(text, MAX_DEPTH)
  if not root or root.kind ~= "object" then
    root_item:add_proto_expert_info(problems.not_json,
      root and "The payload is no JSON object" or "The payload is no JSON: " .. what .. " at byte " .. at - 1)
    return {}
  end
  local version, is_moved = version_of(root)
  local state = {tvb = tvb, text = text, version = version, left = proto.prefs.show_items, path = {}}
  show_members(state, root_item, TYPES[ENVELOPE], root)
  if state.left <= 0 then
    root_item:add_proto_expert_info(problems.shortened, "The tree has more items than the preference show_items")
  end
  if is_moved then
    local text = ("The version is outside of %d to %d"):format(MIN_VERSION, CURRENT_VERSION)
    root_item:add_proto_expert_info(problems.version, text)
  end
  if not exists(message, version) then
    root_item:add_proto_expert_info(problems.unknown_byte, ("Version %d has no %s"):format(version, message.name))
  elseif not accepts(message, state.path) then
    local text = message.name .. " does not carry " .. table.concat(state.path, ".")
    root_item:add_proto_expert_info(problems.wrong_message, text)
  end
  return state.path, state.id
end

local function generated(item) item:set_generated() end

local function show_pairing(pinfo, root_item, is_request, id)
  local paired = pairing(pinfo, is_request, id)
  if paired.response then generated(root_item:add(fields.response_in, paired.response.packet)) end
  if paired.request then
    local elapsed = paired.time - paired.request.time
    local seconds = math.floor(elapsed)
    generated(root_item:add(fields.request_in, paired.request.packet))
    generated(root_item:add(fields.response_time, NSTime.new(seconds, math.floor((elapsed - seconds) * 1e9 + 0.5))))
  elseif not is_request then
    root_item:add_proto_expert_info(problems.unasked)
  end
end

local function show_bad_header(tvb, pinfo, root_item)
  local byte = tvb(0, 1):uint()
  if MESSAGES[byte] then
    root_item:add(fields.msg_type, tvb(0, 1))
    root_item:add_le(fields.payload_len, tvb(1, 4)):add_proto_expert_info(problems.too_long)
  else
    root_item:add(fields.msg_type, tvb(0, 1)):add_proto_expert_info(problems.unknown_byte)
  end
  pinfo.cols.info:append("[no frame] ")
end

local function dissect_frame(tvb, pinfo, tree)
  local root_item = tree:add(proto, tvb())
  if not plausible(tvb, 0) then
    show_bad_header(tvb, pinfo, root_item)
    return tvb:len()
  end
  local message = MESSAGES[tvb(0, 1):uint()]
  root_item:append_text(", " .. message.name)
  root_item:add(fields.msg_type, tvb(0, 1)):append_text(" (" .. message.name .. ")")
  root_item:add_le(fields.payload_len, tvb(1, 4))
  local path, id = show_payload(tvb, root_item, message)
  show_pairing(pinfo, root_item, message.from == "client", id)
  local summary = message.name .. (#path > 0 and " " .. table.concat(path, ".") or "") .. (id and " " .. id or "")
  pinfo.cols.info:append(summary .. "  ")
  return tvb:len()
end

-- The bytes of the frame that begins at offset; to the end, if none does.
local function frame_length(tvb, _, offset)
  if not plausible(tvb, offset) then return tvb:len() - offset end
  return HEADER_SIZE + tvb(offset + 1, 4):le_uint()
end

local function looks_like_tls(tvb)
  if tvb:len() < 3 then return false end
  local kind = tvb(0, 1):uint()
  return not MESSAGES[kind] and kind >= 20 and kind <= 23 and tvb(1, 1):uint() == 3 and tvb(2, 1):uint() <= 4
end

local function dissect(tvb, pinfo, tree)
  if looks_like_tls(tvb) then return 0 end
  pinfo.cols.protocol:set(proto.name)
  pinfo.cols.info:set("")
  dissect_tcp_pdus(tvb, tree, HEADER_SIZE, frame_length, dissect_frame)
  pinfo.cols.info:fence()
  return tvb:len()
end

-- -- where it is found ----------------------------------------------------------------------------------------------

proto.dissector = dissect

-- Whether a frame begins here: its header, and as much as there is of how every envelope begins.
local function recognises(tvb)
  if tvb:len() < HEADER_SIZE or not plausible(tvb, 0) then return false end
  local size = math.min(tvb:len() - HEADER_SIZE, #OPENING)
  return size == 0 or tvb:raw(HEADER_SIZE, size) == OPENING:sub(1, size)
end

proto:register_heuristic("tcp", function(tvb, pinfo, tree)
  if not recognises(tvb) then return false end
  pinfo.conversation = proto   -- what follows need not look like it
  dissect(tvb, pinfo, tree)   -- not proto.dissector: one call deeper nothing may be reassembled
  return true
end)

-- Inside of TLS the conversation is that of TLS, so what was recognised is kept here.
proto:register_heuristic("tls", function(tvb, pinfo, tree)
  local key = connection(pinfo)
  recognised[key] = recognised[key] or recognises(tvb)
  if not recognised[key] then return false end
  dissect(tvb, pinfo, tree)
  return true
end)

local tcp_ports, tls_ports = DissectorTable.get("tcp.port"), DissectorTable.get("tls.port")
tcp_ports:add_for_decode_as(proto)
tls_ports:add_for_decode_as(proto)
if ALPN then DissectorTable.get("tls.alpn"):add(ALPN, proto) end

local ports = ""

function proto.prefs_changed()
  if ports == proto.prefs.ports then return end
  for _, ports_table in ipairs({tcp_ports, tls_ports}) do
    if ports ~= "" then ports_table:remove(ports, proto) end
    if proto.prefs.ports ~= "" then ports_table:add(proto.prefs.ports, proto) end
  end
  ports = proto.prefs.ports
end

function proto.init()
  forget()
  recognised = {}
end
