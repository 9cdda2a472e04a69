-- Tasks done per person and rolling week, counted back from the end of the span; not what a person ended on it in a day back.
SELECT actor, intDiv(toUnixTimestamp64Milli(fromUnixTimestamp64Milli({until:Int64})) - toUnixTimestamp64Milli(time) - 1, 604800000) AS back, count()
FROM events FINAL WHERE feature = {feature:String} AND path = {path:String} AND tenant IN {tenants:Array(String)}
    AND time >= fromUnixTimestamp64Milli({since:Int64}) AND time < fromUnixTimestamp64Milli({until:Int64}) AND event = 'task_completed'
    AND NOT arrayExists((p, f, u) -> p = actor AND toUnixTimestamp64Milli(time) >= f AND toUnixTimestamp64Milli(time) < u, {back:Array(String)}, {back_from:Array(Int64)}, {back_until:Array(Int64)})
GROUP BY actor, back ORDER BY actor, back
