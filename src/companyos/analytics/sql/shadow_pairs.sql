-- Pairs of old and new path on the same case, run in shadow, and how many of them differed (value above 0).
SELECT count(), countIf(differs)
FROM (
    SELECT max(value > 0) AS differs
    FROM events
    WHERE feature = {feature:String} AND event = 'shadow_compared' AND tenant IN {tenants:Array(String)}
        AND time >= fromUnixTimestamp64Milli({since:Int64}) AND time < fromUnixTimestamp64Milli({until:Int64})
    GROUP BY tenant, case, task
)
