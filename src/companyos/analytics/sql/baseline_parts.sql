-- Tasks of a path by team or by kind (or in one): begun, done, failed, response time p95 and handling time p50.
SELECT part, count(), countIf(done), countIf(failed), quantileExactIf(0.95)(latency, latency > 0), quantileExactIf(0.5)(seconds, seconds > 0)
FROM (
    SELECT toString(multiIf({by:String} = 'kind', any(kind), {by:String} = 'team', transform(any(actor), {people:Array(String)}, {teams:Array(String)}, ''), '')) AS part,
        max(event = 'task_started') AS begun, max(event = 'task_completed') AS done, max(event = 'task_failed') AS failed,
        max(ifNull(latency_ms, 0)) AS latency, maxIf(ifNull(value, 0), event = 'task_completed') AS seconds
    FROM events
    WHERE tenant IN {tenants:Array(String)} AND feature = {feature:String} AND path = {path:String}
        AND event IN ('task_started', 'task_completed', 'task_failed')
        AND time >= fromUnixTimestamp64Milli({since:Int64}) AND time < fromUnixTimestamp64Milli({until:Int64})
    GROUP BY tenant, task
    HAVING begun
)
GROUP BY part
ORDER BY part
