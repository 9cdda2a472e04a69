-- Cases of some people that failed on one path: what each saw (variant, trace) and how it failed; the most failures first.
SELECT tenant, case, count() AS failures, min(time), max(time), groupUniqArray(8)(kind),
    groupUniqArray(8)(JSONExtractString(props, 'error')), groupUniqArray(8)(JSONExtractString(props, 'trace')),
    groupUniqArray(4)(path)
FROM events FINAL
WHERE feature = {feature:String} AND event = 'task_failed' AND path = {path:String} AND tenant IN {tenants:Array(String)}
    AND has({people:Array(String)}, actor)
    AND time >= fromUnixTimestamp64Milli({since:Int64}) AND time < fromUnixTimestamp64Milli({until:Int64})
GROUP BY tenant, case
ORDER BY failures DESC, min(time), case
LIMIT {most:UInt32}
