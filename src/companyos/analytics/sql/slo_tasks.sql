-- Tasks begun on a path in slices of five minutes, and how many of them failed at least once.
SELECT intDiv(began, 300000) * 300, count(), countIf(failed)
FROM (
    SELECT min(if(event = 'task_started', toUnixTimestamp64Milli(time), {until:Int64})) AS began, max(event = 'task_failed') AS failed
    FROM events
    WHERE tenant IN {tenants:Array(String)} AND feature = {feature:String} AND path = {path:String}
        AND event IN ('task_started', 'task_failed')
        AND time >= fromUnixTimestamp64Milli({since:Int64}) AND time < fromUnixTimestamp64Milli({until:Int64})
    GROUP BY tenant, task
    HAVING began < {until:Int64}
)
GROUP BY 1
ORDER BY 1
