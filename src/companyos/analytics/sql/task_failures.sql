-- Every failure, in order, for counting error sessions.
SELECT actor, time FROM events FINAL WHERE feature = {feature:String} AND path = {path:String} AND tenant IN {tenants:Array(String)}
    AND time >= fromUnixTimestamp64Milli({since:Int64}) AND time < fromUnixTimestamp64Milli({until:Int64}) AND event = 'task_failed' ORDER BY time, id
