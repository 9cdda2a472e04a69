-- `latency_count` of many features at once, each since its own moment.
SELECT toString(feature), count(latency_ms) FROM events FINAL
WHERE feature IN {features:Array(String)} AND path = {path:String} AND tenant IN {tenants:Array(String)}
    AND time >= fromUnixTimestamp64Milli({earliest:Int64}) AND time < fromUnixTimestamp64Milli({until:Int64})
    AND toUnixTimestamp64Milli(time) >= transform(toString(feature), {features:Array(String)}, {sinces:Array(Int64)}, toInt64(0))
    AND event = 'task_completed'
GROUP BY feature
