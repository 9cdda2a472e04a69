-- Tasks begun per variant, and how many of them failed at least once.
SELECT path, count(), countIf(failed)
FROM (
    SELECT path, max(event = 'task_started') AS begun, max(event = 'task_failed') AS failed
    FROM events
    WHERE tenant IN {tenants:Array(String)} AND feature = {feature:String} AND event IN ('task_started', 'task_failed')
        AND time >= fromUnixTimestamp64Milli({since:Int64}) AND time < fromUnixTimestamp64Milli({until:Int64})
    GROUP BY path, cityHash64(tenant, task)
    HAVING begun
)
GROUP BY path
ORDER BY path
