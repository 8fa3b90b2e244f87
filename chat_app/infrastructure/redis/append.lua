-- Appends events to the logs of several answers, each for the holder of its lease alone.
--
-- KEYS  running answers
-- ARGV  process; milliseconds of a lease, of a running log, of an ended log; the answers' entries, two lines each:
--         lease, stream, owner's key, answer, owner as JSON, first and last number of the events from 1, 1 if the last
--           is Done; separated by blanks
--         the events as JSON, in which there is no line end
-- Returns for each answer, in a line, the number of the last event in the log, or -1 if another process holds the lease
-- or has ended the answer.
--
-- One argument and one reply for all answers, since redis-py takes longer for each than this script does for an answer.
-- So the keys aren't in KEYS, which only a cluster would need.

local running_answers, process = KEYS[1], ARGV[1]
local lease_time, running_time, ended_time = ARGV[2], ARGV[3], ARGV[4]

local function append(lease, stream, owner_key, answer, owner, first, last, is_done, events)
  local tail = redis.call('XREVRANGE', stream, '+', '-', 'COUNT', 1)[1]
  local present = tail and tonumber(string.match(tail[1], '^%d+')) or 0
  local has_ended = tail and tail[2][1] == 'done'
  local holder = redis.call('GET', lease)
  if (holder and holder ~= process) or (has_ended and tail[2][4] ~= process) then
    return -1
  end
  if present >= last then
    return present -- sent again, since the reply to the first time was lost
  end
  if has_ended then
    return -1
  end
  if not holder and not is_done then -- it has expired, or Redis has lost its data: no other process has acquired it
    redis.call('SET', lease, process, 'PX', lease_time)
  end
  if present + 1 ~= first then
    return present -- Redis has lost its data; the writer sends again what is missing
  end
  redis.call('XADD', stream, last .. '-0', is_done and 'done' or 'events', events, 'by', process)
  if first == 1 then -- also after Redis has lost its data
    redis.call('SET', owner_key, cjson.decode(owner), 'PX', running_time)
    redis.call('PEXPIRE', stream, running_time)
    redis.call('SADD', running_answers, answer)
  end
  if is_done then
    redis.call('PEXPIRE', owner_key, ended_time)
    redis.call('PEXPIRE', stream, ended_time)
    redis.call('SREM', running_answers, answer)
  end
  return last
end

local replies = {}
for head, events in string.gmatch(ARGV[5], '([^\n]*)\n([^\n]*)\n') do
  local lease, stream, owner_key, answer, owner, first, last, is_done =
    string.match(head, '^(%S+) (%S+) (%S+) (%S+) (%S+) (%d+) (%d+) (%d)$')
  replies[#replies + 1] =
    append(lease, stream, owner_key, answer, owner, tonumber(first), tonumber(last), is_done == '1', events)
end
return table.concat(replies, '\n')
