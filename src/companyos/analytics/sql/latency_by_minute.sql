-- Response time per minute: how many, and three quantiles of them.
SELECT toStartOfMinute(time) AS minute, count(), quantilesExact(0.5, 0.95, 0.99)(assumeNotNull(latency_ms)) AS levels
FROM events FINAL
WHERE tenant IN {tenants:Array(String)} AND feature = {feature:String} AND event IN {events:Array(String)}
    AND ({path:String} = '' OR path = {path:String}) AND latency_ms IS NOT NULL
    AND time >= fromUnixTimestamp64Milli({since:Int64}) AND time < fromUnixTimestamp64Milli({until:Int64})
GROUP BY minute
ORDER BY minute
