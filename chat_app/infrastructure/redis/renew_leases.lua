-- Renew leases of a process. One that has expired is acquired again, unless another process holds it by now.
--
-- KEYS     the leases
-- ARGV[1]  the process
-- ARGV[2]  the time to live in milliseconds
--
-- Returns those of KEYS that the process holds.
local held = {}
for _, lease in ipairs(KEYS) do
  local holder = redis.call('GET', lease)
  if not holder or holder == ARGV[1] then
    redis.call('SET', lease, ARGV[1], 'PX', ARGV[2])
    held[#held + 1] = lease
  end
end
return held
