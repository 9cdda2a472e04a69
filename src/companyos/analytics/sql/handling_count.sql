-- How many tasks done carry the figure.
SELECT count(value) FROM events FINAL WHERE feature = {feature:String} AND path = {path:String} AND tenant IN {tenants:Array(String)}
    AND time >= fromUnixTimestamp64Milli({since:Int64}) AND time < fromUnixTimestamp64Milli({until:Int64}) AND event = 'task_completed'
