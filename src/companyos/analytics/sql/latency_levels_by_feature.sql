-- `latency_levels` of many features at once: each since its own moment, at its own three levels.
SELECT name, levels[1], levels[2], levels[3] FROM (
SELECT toString(feature) AS name, arraySort(groupArray(assumeNotNull(latency_ms))) AS sorted,
    arrayMap(level -> sorted[least(length(sorted), toUInt64(floor(level * length(sorted))) + 1)], [
        transform(toString(feature), {features:Array(String)}, {lows:Array(Float64)}, toFloat64(0)),
        transform(toString(feature), {features:Array(String)}, {mids:Array(Float64)}, toFloat64(0)),
        transform(toString(feature), {features:Array(String)}, {highs:Array(Float64)}, toFloat64(0))]) AS levels
FROM events FINAL
WHERE feature IN {features:Array(String)} AND path = {path:String} AND tenant IN {tenants:Array(String)}
    AND time >= fromUnixTimestamp64Milli({earliest:Int64}) AND time < fromUnixTimestamp64Milli({until:Int64})
    AND toUnixTimestamp64Milli(time) >= transform(toString(feature), {features:Array(String)}, {sinces:Array(Int64)}, toInt64(0))
    AND event = 'task_completed' AND latency_ms IS NOT NULL
GROUP BY feature
)
