-- `task_totals` of many features at once, each since its own moment.
SELECT toString(feature), count(), countIf(started < fromUnixTimestamp64Milli({settled:Int64})),
    countIf(started < fromUnixTimestamp64Milli({settled:Int64}) AND done > 0), sum(violations)
FROM (
    SELECT feature, minIf(time, event = 'task_started') AS started, countIf(event = 'task_started') AS begun,
        countIf(event = 'task_completed') AS done, uniqExactIf(key, event = 'policy_violation') AS violations
    FROM events
    WHERE feature IN {features:Array(String)} AND path = {path:String} AND tenant IN {tenants:Array(String)}
        AND time >= fromUnixTimestamp64Milli({earliest:Int64}) AND time < fromUnixTimestamp64Milli({until:Int64})
        AND toUnixTimestamp64Milli(time) >= transform(toString(feature), {features:Array(String)}, {sinces:Array(Int64)}, toInt64(0))
        AND event IN ('task_started', 'task_completed', 'policy_violation')
    GROUP BY feature, tenant, task
    HAVING begun > 0
)
GROUP BY feature
