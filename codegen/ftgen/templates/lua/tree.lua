-- SPDX-License-Identifier: Apache-2.0
-- From the nodes of JSON to Wireshark's tree, as TYPES say. An item is labelled `key: value`, the value as on the wire;
-- a sum's is its variant, a list's how many it has:  plan: ScanTable | rows [3] | [0]: Int: 1 | snapshot: null
--
-- `state`: tvb, text (of the payload), version, left (lines that may still be shown; below 0 if one was left out), id,
-- and path, the variants that the payload is made of. `place`: tree, name, field (a ProtoField or nil), first and last
-- (bytes of the key), is_id, is_payload.
--
-- An item covers no bytes but those that it shows, its key's or its value's: packet bytes of an item are exported with
-- it.

local HEADER_SIZE = 5
local LONGEST_LABEL = 160

-- -- the types, made ready -------------------------------------------------------------------------------------------

for name, type in pairs(TYPES) do
  type.name = name
  if type.fields then
    type.by_key = {}
    for _, field in ipairs(type.fields) do
      type.by_key[field.key] = field
      for _, spelling in ipairs(field.spellings or {}) do type.by_key[spelling] = field end
    end
  elseif type.kind == "sum" then
    type.by_name = {}
    for _, unit in ipairs(type.units or {}) do type.by_name[unit] = {name = unit} end
    for _, variant in ipairs(type.variants or {}) do
      type.by_name[variant.name] = variant
      for _, spelling in ipairs(variant.spellings or {}) do type.by_name[spelling] = variant end
    end
  end
end

local function resolve(name)
  local type = TYPES[name]
  while type.kind == "newtype" do type = TYPES[type.item] end
  return type
end

-- Whether a field, a variant or a message is there in a version.
local function exists(thing, version)
  return thing and version >= (thing.added or 0) and not (thing.removed and version >= thing.removed)
end

-- -- labels and items -----------------------------------------------------------------------------------------------

local function shortened(text)
  if #text <= LONGEST_LABEL then return text end
  return text:sub(1, LONGEST_LABEL):gsub("[\192-\255]?[\128-\191]*$", "") .. "... (" .. #text .. " bytes)"
end

local function source(state, part) return (state.text:sub(part.first, part.last):gsub("[\t\r\n]", " ")) end
local function bytes_of(state, part) return state.tvb(HEADER_SIZE + part.first - 1, part.last - part.first + 1) end

-- Whether there is room for one more line, or complaint. Wireshark ends at a million items of a packet, and badly.
local function take_line(state)
  state.left = state.left - 1
  return state.left >= 0
end

local function add_text(state, place, text)
  return place.tree:add(bytes_of(state, place), place.name .. ": " .. text)
end

-- An item with more items below it. Covers the key; `value` is what a sum is to a filter, its variant.
local function add_head(state, place, text, value)
  local field, covered = place.field or value and fields.item, bytes_of(state, place)
  if not field then return place.tree:add(covered, place.name .. text) end
  local item = value and place.tree:add(field, covered, value) or place.tree:add(field, covered)
  return item:set_text(place.name .. text)
end

-- An item for one value, which is `value` to a filter: covers its bytes.
local function add_leaf(state, place, node, value)
  local text = source(state, node)
  if not place.field and type(value) ~= "string" then value = text end
  if type(value) == "string" then value = value:gsub("%z", "\226\144\128") end  -- NUL's symbol; C strings end at one
  local item = place.tree:add(place.field or fields.item, bytes_of(state, node), value)
  return item:set_text(place.name .. ": " .. shortened(text))
end

local function refuse(state, place, type)
  add_text(state, place, "(not shown)"):add_proto_expert_info(problems.wrong_type, place.name .. " is no " .. type.name)
end

-- -- values ---------------------------------------------------------------------------------------------------------

local function above(left, right)  -- of two natural numbers in decimal
  if #left ~= #right then return #left > #right end
  return left > right
end

local function in_range(text, low, high)
  local negative = low:sub(1, 1) == "-"
  if text:sub(1, 1) == "-" then return negative and not above(text:sub(2), low:sub(2)) end
  return not above(text, high) and (negative or not above(low, text))
end

-- What a filter sees of a value, by kind of type; nil if the value is not of the type.
local leaves = {}

function leaves.bool(node)
  if node.kind == "true" then return true elseif node.kind == "false" then return false end
end

function leaves.integer(node, type)
  local text = node.text
  if not text or not text:find("^-?%d+$") or not in_range(text, type.low, type.high) then return nil end
  if #type.high > 20 then return text end   -- more than 64 bits
  if text == "-0" then return nil end
  return type.low:sub(1, 1) == "-" and Int64.new(text) or UInt64.new(text)
end

local POINT = ("%.1f"):format(0.5):sub(2, -2)   -- of the locale, without which Lua 5.2 reads no fraction

leaves["float"] = function(node, type)
  local value = node.text and tonumber((node.text:gsub("%.", POINT)))
  return value and math.abs(value) <= type.most and value or nil
end

leaves["string"] = function(node) return node.kind == "string" and node.value or nil end
leaves["json"] = function(node, _, state) return source(state, node) end

local show  -- (state, place, type, node)

local function show_members(state, tree, type, node)
  local seen = {}
  for _, member in ipairs(node.members) do
    local field = type.by_key[member.key]
    if state.left < 0 then return end
    if not exists(field, state.version) then
      if not take_line(state) then return end
      local key = shortened(source(state, member))
      tree:add(bytes_of(state, member), key .. ": (unknown key, value not shown)")
        :add_proto_expert_info(problems.unknown_key, "Unknown key " .. key)
    elseif seen[field] then
      if not take_line(state) then return end
      tree:add_proto_expert_info(problems.duplicate_key, field.key .. " stands twice")
    else
      seen[field] = true
      show(state, {
        tree = tree, name = member.key, field = schema_fields[field.filter], first = member.first, last = member.last,
        is_id = field.is_id, is_payload = type.name == ENVELOPE and field.key == PAYLOAD_KEY,
      }, resolve(field.type), member.value)
    end
  end
  for _, field in ipairs(type.fields) do
    if field.required and not seen[field] and exists(field, state.version) then
      if not take_line(state) then return end
      tree:add_proto_expert_info(problems.missing_key, field.key .. " is missing")
    end
  end
end

local kinds = {}

function kinds.secret(state, place, type, node)
  local item = TYPES[type.item]
  local value = leaves[item.kind](node, item)
  if value == nil then return refuse(state, place, type) end
  local mask = value == "" and "" or "***"   -- that there is none may be known
  add_head(state, place, ': "' .. mask .. '"', mask)
end

function kinds.optional(state, place, type, node)
  if node.kind == "null" then return add_text(state, place, "null") end
  show(state, place, resolve(type.item), node)
end

function kinds.struct(state, place, type, node)
  if node.kind ~= "object" then return refuse(state, place, type) end
  show_members(state, add_head(state, place, ""), type, node)
end

-- The elements of a list, an array or a tuple; item_type(i) is that of one.
local function show_items(state, place, items, item_type)
  if #items == 0 then return add_text(state, place, "[]") end
  local head = add_head(state, place, " [" .. #items .. "]")
  for i, item in ipairs(items) do
    if state.left < 0 then break end
    show(state, {tree = head, name = "[" .. i - 1 .. "]", first = item.first, last = item.first}, item_type(i), item)
  end
end

function kinds.array(state, place, type, node)
  local item_type = resolve(type.item)
  if node.kind ~= "array" or type.size and #node.items ~= type.size then return refuse(state, place, type) end
  if not type.on_one_line then return show_items(state, place, node.items, function() return item_type end) end
  for _, item in ipairs(node.items) do
    if leaves[item_type.kind](item, item_type) == nil then return refuse(state, place, type) end
  end
  add_leaf(state, place, node, source(state, node))
end

function kinds.tuple(state, place, type, node)
  if node.kind ~= "array" or #node.items ~= #type.items then return refuse(state, place, type) end
  show_items(state, place, node.items, function(i) return resolve(type.items[i]) end)
end

function kinds.sum(state, place, type, node)
  local member = node.kind == "object" and #node.members == 1 and node.members[1]
  local name = member and member.key or node.value
  if not name then return refuse(state, place, type) end
  local variant = type.by_name[name]
  if not exists(variant, state.version) then
    return add_text(state, place, "(unknown variant, not shown)")
      :add_proto_expert_info(problems.unknown_variant, "Unknown variant of " .. type.name)
  end
  if place.is_payload then state.path[#state.path + 1] = variant.name end
  if not variant.type then
    if member and member.value.kind ~= "null" then return refuse(state, place, type) end
    return add_leaf(state, place, member or node, variant.name)
  end
  if not member then return refuse(state, place, type) end
  local content = resolve(variant.type)
  if content.kind == "struct" and member.value.kind == "object" then
    return show_members(state, add_head(state, place, ": " .. variant.name, variant.name), content, member.value)
  end
  -- In a list a variant and its value share a line; a field keeps its own for filters.
  local inner = {tree = place.tree, name = place.name .. ": " .. variant.name, first = member.first, last = member.last,
    is_payload = place.is_payload}
  if place.field then
    inner.tree, inner.name = add_head(state, place, ": " .. variant.name, variant.name), variant.name
  end
  show(state, inner, content, member.value)
end

function show(state, place, type, node)
  if not take_line(state) then return end
  if kinds[type.kind] then return kinds[type.kind](state, place, type, node) end
  local value = leaves[type.kind](node, type, state)
  if value == nil then return refuse(state, place, type) end
  if place.is_id then state.id = state.id or node.text end
  add_leaf(state, place, node, value)
end
