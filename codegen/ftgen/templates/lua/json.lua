-- SPDX-License-Identifier: Apache-2.0
-- JSON, strictly: parse(text, max_depth) gives the root node, or nil, what is wrong and where (bytes count from 1).
--
-- A node is {kind, first, last}, the bytes that it takes, and: of an object `members`, {key, first, last, value}, with
-- the bytes of the key; of an array `items`; of a string `value`, without escapes; of a number `text`. Kinds are
-- object, array, string, number, true, false and null. Takes linear time; the payload's size and max_depth bound the
-- memory.

local SHORT_ESCAPES = {['"'] = '"', ["\\"] = "\\", ["/"] = "/", b = "\b", f = "\f", n = "\n", r = "\r", t = "\t"}

local WELL_FORMED = {  -- what may begin with a byte of 128 or more
  "^[\194-\223][\128-\191]", "^\224[\160-\191][\128-\191]", "^[\225-\236\238\239][\128-\191][\128-\191]",
  "^\237[\128-\159][\128-\191]", "^\240[\144-\191][\128-\191][\128-\191]",
  "^[\241-\243][\128-\191][\128-\191][\128-\191]", "^\244[\128-\143][\128-\191][\128-\191]",
}

local function fail(at, what) error({at = at, what = what}, 0) end

local function check_utf8(text)
  local at = text:find("[\128-\255]")
  while at do
    local last
    for _, pattern in ipairs(WELL_FORMED) do
      last = last or select(2, text:find(pattern, at))
    end
    if not last then fail(at, "no UTF-8") end
    at = text:find("[\128-\255]", last + 1)
  end
end

local function utf8(code)
  if code < 0x80 then return string.char(code) end
  if code < 0x800 then return string.char(0xc0 + math.floor(code / 0x40), 0x80 + code % 0x40) end
  local low = string.char(0x80 + math.floor(code / 0x40) % 0x40, 0x80 + code % 0x40)
  if code < 0x10000 then return string.char(0xe0 + math.floor(code / 0x1000)) .. low end
  return string.char(0xf0 + math.floor(code / 0x40000), 0x80 + math.floor(code / 0x1000) % 0x40) .. low
end

-- What the escape at a backslash stands for, and where the text goes on.
local function unescape(text, at)
  local short = SHORT_ESCAPES[text:sub(at + 1, at + 1)]
  if short then return short, at + 2 end
  local code = tonumber(text:match("^u(%x%x%x%x)", at + 1) or fail(at, "an unknown escape"), 16)
  if code >= 0xdc00 and code < 0xe000 then fail(at, "a lone surrogate") end
  if code < 0xd800 or code >= 0xe000 then return utf8(code), at + 6 end
  local low = tonumber(text:match("^\\u([dD][c-fC-F]%x%x)", at + 6) or fail(at, "a lone surrogate"), 16)
  return utf8(0x10000 + (code - 0xd800) * 0x400 + low - 0xdc00), at + 12
end

-- The string whose opening quote is at `first`: its value and its last byte.
local function read_string(text, first)
  local parts, at = {}, first + 1
  while true do
    local stop = text:find('["\\%z\1-\31]', at) or fail(first, "an open string")
    parts[#parts + 1] = text:sub(at, stop - 1)
    local char = text:sub(stop, stop)
    if char == '"' then return table.concat(parts), stop end
    if char ~= "\\" then fail(stop, "a control character") end
    parts[#parts + 1], at = unescape(text, stop)
  end
end

local function read_number(text, first)
  local _, last = text:find("^-?%d+", first)
  if not last or text:find("^-?0%d", first) then fail(first, "neither a value nor a number") end
  last = select(2, text:find("^%.%d+", last + 1)) or last
  last = select(2, text:find("^[eE][+-]?%d+", last + 1)) or last
  return {kind = "number", first = first, last = last, text = text:sub(first, last)}
end

local function skip_space(text, at) return text:find("[^ \t\r\n]", at) or #text + 1 end

local read_value

-- What stands between two brackets, separated by commas; read_one(at) gives the last byte of one.
local function read_sequence(text, first, closing, read_one)
  local at = skip_space(text, first + 1)
  if text:sub(at, at) == closing then return at end
  while true do
    at = skip_space(text, read_one(at) + 1)
    local char = text:sub(at, at)
    if char == closing then return at end
    if char ~= "," then fail(at, "no comma, and no end") end
    at = skip_space(text, at + 1)
  end
end

local function read_object(text, first, depth)
  local node = {kind = "object", first = first, members = {}}
  node.last = read_sequence(text, first, "}", function(at)
    if text:sub(at, at) ~= '"' then fail(at, "no key") end
    local key, last = read_string(text, at)
    local colon = skip_space(text, last + 1)
    if text:sub(colon, colon) ~= ":" then fail(colon, "no colon") end
    local value = read_value(text, skip_space(text, colon + 1), depth)
    node.members[#node.members + 1] = {key = key, first = at, last = last, value = value}
    return value.last
  end)
  return node
end

local function read_array(text, first, depth)
  local node = {kind = "array", first = first, items = {}}
  node.last = read_sequence(text, first, "]", function(at)
    local item = read_value(text, at, depth)
    node.items[#node.items + 1] = item
    return item.last
  end)
  return node
end

function read_value(text, at, depth)
  local char = text:sub(at, at)
  if char == '"' then
    local value, last = read_string(text, at)
    return {kind = "string", first = at, last = last, value = value}
  elseif char == "{" or char == "[" then
    if depth == 0 then fail(at, "nested too deeply") end
    return (char == "{" and read_object or read_array)(text, at, depth - 1)
  end
  local word = text:match("^%l+", at)
  if word == "true" or word == "false" or word == "null" then
    return {kind = word, first = at, last = at + #word - 1}
  end
  return read_number(text, at)
end

local function parse(text, max_depth)
  local well, result = pcall(function()
    check_utf8(text)
    local root = read_value(text, skip_space(text, 1), max_depth)
    local rest = skip_space(text, root.last + 1)
    if rest <= #text then fail(rest, "something behind the end") end
    return root
  end)
  if well then return result end
  if type(result) ~= "table" then error(result, 0) end
  return nil, result.what, result.at
end
