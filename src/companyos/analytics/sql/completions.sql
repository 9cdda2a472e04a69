-- Tasks done per person and rolling week, counted back from the end of the span.
SELECT actor, intDiv(toUnixTimestamp64Milli(fromUnixTimestamp64Milli({until:Int64})) - toUnixTimestamp64Milli(time) - 1, 604800000) AS back, count()
FROM events FINAL WHERE feature = {feature:String} AND path = {path:String} AND tenant IN {tenants:Array(String)}
    AND time >= fromUnixTimestamp64Milli({since:Int64}) AND time < fromUnixTimestamp64Milli({until:Int64}) AND event = 'task_completed' GROUP BY actor, back ORDER BY actor, back
