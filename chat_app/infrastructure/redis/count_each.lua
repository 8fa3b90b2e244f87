-- Count an event in each of several moving windows, or in none.
--
-- A window is a list of times, newest first, as the library limits keeps it (acquire_moving_window.lua in version 5.8).
--
-- KEYS       the windows
-- ARGV[1]    the time in seconds
-- ARGV[2]    the length of the windows in seconds
-- ARGV[3..]  the limit of each window
--
-- Returns the index in KEYS of the first window that is full, or 0.
for index, window in ipairs(KEYS) do
  local oldest = redis.call('LINDEX', window, ARGV[index + 2] - 1)
  if oldest and tonumber(oldest) >= ARGV[1] - ARGV[2] then
    return index
  end
end

for index, window in ipairs(KEYS) do
  redis.call('LPUSH', window, ARGV[1])
  redis.call('LTRIM', window, 0, ARGV[index + 2] - 1)
  redis.call('EXPIRE', window, ARGV[2])
end
return 0
