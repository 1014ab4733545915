-- Fires the requests of a file in turn and looks at every reply.
--
--   wrk … -s wrk.lua URL -- FILE EXPECTED [FIELD]
--
-- With FIELD, each request is sent once, and each reply's value of that field makes the body of one more, in which it
-- takes the place of what the first line has for it: `FIELD=…` at the end of its body.
--
-- A line of FILE is METHOD, path and body, with tabs between them. A reply is wrong whose status is not 2xx, or whose
-- body does not hold EXPECTED. The last line written is JSON; bench/load.py reads it.

local threads = {}

function setup(thread)
  table.insert(threads, thread)
end

function init(arguments)
  expected, wrong, first_wrong = arguments[2], 0, ""
  follows = arguments[3] ~= "" and arguments[3] or nil
  requests, turn, last = {}, 0, 0
  for line in io.lines(arguments[1]) do
    local method, path, body = line:match("^(.-)\t(.-)\t(.*)$")
    last = last + 1
    requests[last] = wrk.format(method, path, nil, body ~= "" and body or nil)
    if follows and last == 1 then
      first_method, first_path, head = method, path, body:match("^(.*" .. follows .. "=)")
      found = '"' .. follows .. '": ?"([^"]+)"'
    end
  end
end

function request()
  turn = turn + 1
  if not follows then
    if turn > last then turn = 1 end
    return requests[turn]
  end
  local next = requests[turn]
  requests[turn] = nil
  return next
end

function follow(body)
  local value = body:match(found)
  if value then
    last = last + 1
    requests[last] = wrk.format(first_method, first_path, nil, head .. value)
  end
end

function response(status, headers, body)
  if status < 200 or status > 299 or not body:find(expected, 1, true) then
    wrong = wrong + 1
    if first_wrong == "" then
      first_wrong = status .. " " .. body:sub(1, 200)
    end
  elseif follows then
    follow(body)
  end
end

function done(summary, latency)
  local wrong, first_wrong = 0, ""
  for _, thread in ipairs(threads) do
    wrong = wrong + thread:get("wrong")
    first_wrong = first_wrong ~= "" and first_wrong or thread:get("first_wrong")
  end
  local broken = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
  io.write(string.format(
    '{"requests":%d,"seconds":%.6f,"p50_ms":%.3f,"p99_ms":%.3f,"broken":%d,"wrong":%d,"first_wrong":"%s"}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    broken, wrong, (first_wrong:gsub('[%c"\\]', function(c) return string.format("\\u%04x", c:byte()) end))))
end
