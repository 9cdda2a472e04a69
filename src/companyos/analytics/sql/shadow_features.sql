-- Which features run in shadow, and how many comparisons each has.
SELECT feature, uniqExact(tenant, id)
FROM events
WHERE event = 'shadow_compared' AND feature != ''
    AND time >= fromUnixTimestamp64Milli({since:Int64}) AND time < fromUnixTimestamp64Milli({until:Int64})
GROUP BY feature
ORDER BY feature
