-- SPDX-License-Identifier: Apache-2.0
-- The dissector itself: frames out of a stream of bytes, one after the other, and where Wireshark finds it.
--
-- A frame is a message byte, the payload's length (4 bytes, little-endian) and the payload. What begins with no such
-- header is one malformed item up to the end of the segment; the next segment is tried afresh. So it is behind a
-- segment that the capture has cut, where that may be the middle of a frame.

local OPENING = '{"' .. FIRST_KEY .. '":'
local SECOND = SECOND_KEY and ',"' .. SECOND_KEY .. '":'
local MOST_ITEMS = 100000   -- of a tree, whatever the preference says: a line may be five of Wireshark's million

local recognised = {}  -- connections inside of TLS that have spoken the protocol
local speaks = {}      -- connection -> "TLS" or "frames", whichever was seen on it first

local function plausible(tvb, offset)
  return MESSAGES[tvb(offset, 1):uint()] and tvb(offset + 1, 4):le_uint() <= MAX_PAYLOAD
end

-- The version whose eyes judge the payload: the envelope's, moved into the window; and whether it had to be.
local function version_of(root)
  local version = CURRENT_VERSION
  for _, member in ipairs(VERSION_KEY and root.members or {}) do
    local text = member.key == VERSION_KEY and member.value.text
    if text and text:find("^-?%d+$") then version = tonumber(text) end
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
  local state = {tvb = tvb, text = text, version = version, path = {},
    left = math.min(proto.prefs.show_items, MOST_ITEMS)}
  show_members(state, root_item, TYPES[ENVELOPE], root)
  if state.left < 0 then
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

local function show_pairing(pinfo, root_item, message, id)
  if message.unasked then return end
  local is_request = message.from == "client"
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

local function show_header(tvb, root_item)
  local message = MESSAGES[tvb(0, 1):uint()]
  root_item:append_text(", " .. message.name)
  root_item:add(fields.msg_type, tvb(0, 1)):append_text(" (" .. message.name .. ")")
  root_item:add_le(fields.payload_len, tvb(1, 4))
  return message
end

-- The frame of which only the beginning is there. It takes its part in the pairing, but for what it has no id.
local function show_cut(tvb, pinfo, tree)
  local root_item = tree:add(proto, tvb())
  root_item:add_proto_expert_info(problems.cut)
  pinfo.cols.info:append("[cut] ")
  if tvb:len() >= HEADER_SIZE then show_pairing(pinfo, root_item, show_header(tvb, root_item)) end
  return tvb:len()
end

local function dissect_frame(tvb, pinfo, tree)
  if tvb:len() < tvb:reported_len() then return show_cut(tvb, pinfo, tree) end
  local root_item = tree:add(proto, tvb())
  if not plausible(tvb, 0) then
    show_bad_header(tvb, pinfo, root_item)
    return tvb:len()
  end
  local message = show_header(tvb, root_item)
  local path, id = show_payload(tvb, root_item, message)
  show_pairing(pinfo, root_item, message, id)
  local summary = message.name .. (#path > 0 and " " .. table.concat(path, ".") or "") .. (id and " " .. id or "")
  pinfo.cols.info:append(summary .. "  ")
  return tvb:len()
end

-- The bytes of the frame that begins at offset; to the end, if none does; 0 for "ask again when there is more".
local function frame_length(tvb, pinfo, offset)
  local rest = tvb:len() - offset
  if not MESSAGES[tvb(offset, 1):uint()] then return rest end
  if rest < HEADER_SIZE then return pinfo.can_desegment > 0 and 0 or HEADER_SIZE end
  return plausible(tvb, offset) and HEADER_SIZE + tvb(offset + 1, 4):le_uint() or rest
end

-- The frames of a segment of which the capture has only the beginning; nothing is reassembled from it.
local function dissect_cut(tvb, pinfo, tree)
  local offset = 0
  while offset < tvb:len() do
    local length, rest = frame_length(tvb, pinfo, offset), tvb:len() - offset
    if length == 0 or length > rest then return show_cut(tvb(offset):tvb(), pinfo, tree) end
    dissect_frame(tvb(offset, length):tvb(), pinfo, tree)
    offset = offset + length
  end
end

local function looks_like_tls(tvb)
  if tvb:len() < 3 then return false end
  local kind = tvb(0, 1):uint()
  return not MESSAGES[kind] and kind >= 20 and kind <= 23 and tvb(1, 1):uint() == 3 and tvb(2, 1):uint() <= 4
end

-- Whether a frame begins here: its header, and as much as there is of how an envelope begins as codecs write it. A
-- header alone must be of a frame that may be a connection's first: other protocols have five bytes like that, too.
local function recognises(tvb)
  if tvb:len() < HEADER_SIZE or not plausible(tvb, 0) then return false end
  if tvb:len() == HEADER_SIZE then return tvb(1, 4):le_uint() <= FIRST_PAYLOAD end
  local text = tvb:raw(HEADER_SIZE, math.min(tvb:len() - HEADER_SIZE, 64))
  local function begins(with) return text:sub(1, #with) == with:sub(1, #text) end
  if not begins(OPENING) then return false end
  text = text:sub(#OPENING + 1)
  if not SECOND or text == "" then return true end
  text = text:match("^[^,]+(.*)")   -- whatever stands there instead of a number
  return text ~= nil and begins(SECOND)
end

local function is_tls(tvb, pinfo)
  local key = connection(pinfo)
  speaks[key] = speaks[key] or looks_like_tls(tvb) and "TLS" or recognises(tvb) and "frames" or nil
  return speaks[key] ~= "frames" and looks_like_tls(tvb)
end

local function dissect(tvb, pinfo, tree)
  if is_tls(tvb, pinfo) then return 0 end
  pinfo.cols.protocol:set(proto.name)
  pinfo.cols.info:set("")
  if tvb:len() < tvb:reported_len() then
    dissect_cut(tvb, pinfo, tree)
  else
    dissect_tcp_pdus(tvb, tree, 1, frame_length, dissect_frame)
  end
  pinfo.cols.info:fence()
  return tvb:len()
end

-- -- where it is found ----------------------------------------------------------------------------------------------

proto.dissector = dissect

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
  recognised, speaks = {}, {}
end
