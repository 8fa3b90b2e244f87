-- Appends events to the log of an answer, for the holder of its lease alone.
--
-- KEYS  lease, stream, owner, running answers
-- ARGV  worker; answer; owner; first and last number of the events, from 1; the events as JSON; "1" if the last is Done;
--       milliseconds of a lease, of a running log, of an ended log
-- Returns the number of the last event in the log, or -1 if another worker holds the lease or has ended the answer.

local worker, answer, owner = ARGV[1], ARGV[2], ARGV[3]
local first, last, events, is_done = tonumber(ARGV[4]), tonumber(ARGV[5]), ARGV[6], ARGV[7] == '1'
local lease_time, running_time, ended_time = ARGV[8], ARGV[9], ARGV[10]

local tail = redis.call('XREVRANGE', KEYS[2], '+', '-', 'COUNT', 1)[1]
local present = tail and tonumber(string.match(tail[1], '^%d+')) or 0
local has_ended = tail and tail[2][1] == 'done'
local holder = redis.call('GET', KEYS[1])
if (holder and holder ~= worker) or (has_ended and tail[2][4] ~= worker) then
  return -1
end
if present >= last then
  return present -- sent again, since the reply to the first time was lost
end
if has_ended then
  return -1
end
if not holder and not is_done then -- it has expired, or Redis has lost its data: nobody else has acquired it
  redis.call('SET', KEYS[1], worker, 'PX', lease_time)
end
if present + 1 ~= first then
  return present -- Redis has lost its data; the writer sends again what is missing
end
redis.call('XADD', KEYS[2], last .. '-0', is_done and 'done' or 'events', events, 'by', worker)
if first == 1 then -- also after Redis has lost its data
  redis.call('SET', KEYS[3], owner, 'PX', running_time)
  redis.call('PEXPIRE', KEYS[2], running_time)
  redis.call('SADD', KEYS[4], answer)
end
if is_done then
  redis.call('PEXPIRE', KEYS[3], ended_time)
  redis.call('PEXPIRE', KEYS[2], ended_time)
  redis.call('SREM', KEYS[4], answer)
end
return last
