-- Ways through the old path (its kinds of case): cases, cases compared, and of those with an unexplained difference.
SELECT kind, uniqExactIf((tenant, case), path = 'existing' AND event = 'task_started') AS cases,
    uniqExactIf((tenant, case, task), event = 'shadow_compared' AND verdict != 'too_large') AS compared,
    uniqExactIf((tenant, case, task), event = 'shadow_compared' AND value > 0 AND NOT has({explained:Array(String)}, signature)
        AND (NOT has({fixed:Array(String)}, signature)
            OR toUnixTimestamp64Milli(time) >= arrayElement({fixed_at:Array(Int64)}, indexOf({fixed:Array(String)}, signature)))) AS bad
FROM (
    SELECT tenant, kind, path, event, case, task, time, value, JSONExtractString(props, 'shadow.signature') AS signature,
        JSONExtractString(props, 'shadow.verdict') AS verdict
    FROM events
    WHERE feature = {feature:String} AND event IN ('task_started', 'shadow_compared') AND kind != ''
        AND time >= fromUnixTimestamp64Milli({since:Int64}) AND time < fromUnixTimestamp64Milli({until:Int64})
)
GROUP BY kind
HAVING cases > 0 OR compared > 0
ORDER BY cases DESC, kind
