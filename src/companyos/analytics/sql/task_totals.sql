-- Tasks begun; those begun before `settled` and of these the done ones; steps done against policy.
SELECT count(), countIf(started < fromUnixTimestamp64Milli({settled:Int64})),
    countIf(started < fromUnixTimestamp64Milli({settled:Int64}) AND done > 0), sum(violations)
FROM (
    SELECT minIf(time, event = 'task_started') AS started, countIf(event = 'task_started') AS begun,
        countIf(event = 'task_completed') AS done, uniqExactIf(key, event = 'policy_violation') AS violations
    FROM events
    WHERE feature = {feature:String} AND path = {path:String} AND tenant IN {tenants:Array(String)}
    AND time >= fromUnixTimestamp64Milli({since:Int64}) AND time < fromUnixTimestamp64Milli({until:Int64})
        AND event IN ('task_started', 'task_completed', 'policy_violation')
    GROUP BY tenant, task
    HAVING begun > 0
)
