-- Release a lease, if this process holds it.
--
-- KEYS[1]  the lease
-- ARGV[1]  the process
--
-- Returns the number of leases released.
if redis.call('GET', KEYS[1]) == ARGV[1] then
  return redis.call('DEL', KEYS[1])
end
return 0
