-- Distinct people with a task done on the path in the period.
SELECT uniqExact(who)
FROM events
WHERE tenant IN {tenants:Array(String)} AND feature = {feature:String} AND path = {path:String} AND event = 'task_completed' AND who != 0
    AND time >= fromUnixTimestamp64Milli({since:Int64}) AND time < fromUnixTimestamp64Milli({until:Int64})
