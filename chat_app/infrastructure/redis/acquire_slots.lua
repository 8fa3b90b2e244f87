-- Acquire a slot in each of several groups, or in none.
--
-- A group is a sorted set: its members hold a slot each, until the time that is their score, in milliseconds.
--
-- KEYS       the groups
-- ARGV[1]    the member
-- ARGV[2]    the time to live in milliseconds
-- ARGV[3..]  the limit of each group
--
-- Returns the index in KEYS of the first group that is full, or 0.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

for index, group in ipairs(KEYS) do
  redis.call('ZREMRANGEBYSCORE', group, '-inf', now)
  if redis.call('ZCARD', group) >= tonumber(ARGV[index + 2]) then
    return index
  end
end

for _, group in ipairs(KEYS) do
  redis.call('ZADD', group, now + ARGV[2], ARGV[1])
  redis.call('PEXPIRE', group, ARGV[2])
end
return 0
