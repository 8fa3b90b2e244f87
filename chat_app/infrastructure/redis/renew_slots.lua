-- Renew the slots of members of several groups. Those that have expired are acquired again, whatever the limits:
-- their answers are running.
--
-- KEYS       the groups
-- ARGV[1]    the time to live in milliseconds
-- ARGV[2..]  for each group: the number of its members, and then these
--
-- Returns nothing.
local time = redis.call('TIME')
local expiry = time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[1]

local start = 2
for _, group in ipairs(KEYS) do
  local last = start + ARGV[start]
  for index = start + 1, last do
    redis.call('ZADD', group, expiry, ARGV[index])
  end
  redis.call('PEXPIRE', group, ARGV[1])
  start = last + 1
end
