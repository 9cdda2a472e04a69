-- Responses measured on a path in slices of five minutes, and how many of them took longer than `ms`.
SELECT intDiv(toUnixTimestamp64Milli(time), 300000) * 300, count(), countIf(latency_ms > {ms:Float64})
FROM events FINAL
WHERE tenant IN {tenants:Array(String)} AND feature = {feature:String} AND path = {path:String}
    AND event IN ('task_completed', 'task_failed') AND latency_ms IS NOT NULL
    AND time >= fromUnixTimestamp64Milli({since:Int64}) AND time < fromUnixTimestamp64Milli({until:Int64})
GROUP BY 1
ORDER BY 1
