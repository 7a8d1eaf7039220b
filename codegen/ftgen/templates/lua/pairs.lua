-- SPDX-License-Identifier: Apache-2.0
-- Which answer belongs to which request. Wireshark dissects each packet once in order (not pinfo.visited), then again
-- whenever it likes: what the first time finds is kept for the others, by packet and by the place among the messages
-- that end in it.
--
-- An answer belongs to the oldest request of its connection that waits and has its id; if none has, to the last that
-- had the id (an answer may come in parts); if none had, to the oldest that waits and of which no id is known. Without
-- an id, or with 0, it belongs to the oldest that waits. What answers nothing and is not answered stays outside.

local stream_of = Field.new("tcp.stream")

local waiting    -- connection -> requests without an answer, oldest first
local last_with  -- connection -> id -> the last request
local met        -- packet -> its messages, in order: {packet, time, request =, response =}
local turn       -- how often `pairing` was asked in the dissection under way

local function forget()
  waiting, last_with, met, turn = {}, {}, {}, {packet = 0, asked = 0}
end
forget()

-- Wireshark numbers connections only when it builds a tree; without one their ends must do.
local function connection(pinfo)
  local stream = stream_of()
  if stream then return "stream " .. tostring(stream) end
  local from, to = tostring(pinfo.src) .. " " .. pinfo.src_port, tostring(pinfo.dst) .. " " .. pinfo.dst_port
  return from < to and from .. " " .. to or to .. " " .. from
end

local function take_request(open, with_id, id)
  for i, request in ipairs(open) do
    if id and request.id == id then return table.remove(open, i) end
  end
  if not id or id == "0" then return table.remove(open, 1) end
  if with_id[id] then return with_id[id] end
  for i, request in ipairs(open) do
    if not request.id then return table.remove(open, i) end
  end
end

local function meet(pinfo, is_request, id)
  local key = connection(pinfo)
  local open, with_id = waiting[key] or {}, last_with[key] or {}
  waiting[key], last_with[key] = open, with_id
  local message = {packet = pinfo.number, time = pinfo.rel_ts, id = id}
  if is_request then
    open[#open + 1] = message
    if id then with_id[id] = message end
  else
    message.request = take_request(open, with_id, id)
    if message.request and not message.request.response then message.request.response = message end
  end
  return message
end

-- The message under way; to be asked once for each message.
local function pairing(pinfo, is_request, id)
  if turn.packet ~= pinfo.number then turn = {packet = pinfo.number, asked = 0} end
  local all = met[pinfo.number] or {}
  met[pinfo.number] = all
  if not pinfo.visited then all[#all + 1] = meet(pinfo, is_request, id) end
  local message = all[turn.asked % math.max(#all, 1) + 1]
  turn.asked = turn.asked + 1
  return message or {}
end
