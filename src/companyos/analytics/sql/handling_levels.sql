-- The quantile and the order statistics that bound it.
SELECT quantileExact({low:Float64})(value), quantileExact({mid:Float64})(value), quantileExact({high:Float64})(value)
FROM events FINAL WHERE feature = {feature:String} AND path = {path:String} AND tenant IN {tenants:Array(String)}
    AND time >= fromUnixTimestamp64Milli({since:Int64}) AND time < fromUnixTimestamp64Milli({until:Int64}) AND event = 'task_completed' AND value IS NOT NULL
