-- Tasks begun and done per person and local day, with the logs of the handling seconds of those done, ascending; a task without one adds none.
SELECT actor, toDate(time, {zone:String}) AS day, countIf(event = 'task_started'), countIf(event = 'task_completed'),
    arraySort(groupArrayIf(log(greatest(assumeNotNull(value), 1)), event = 'task_completed' AND value IS NOT NULL))
FROM events FINAL WHERE feature = {feature:String} AND path = {path:String} AND tenant IN {tenants:Array(String)}
    AND time >= fromUnixTimestamp64Milli({since:Int64}) AND time < fromUnixTimestamp64Milli({until:Int64}) AND event IN ('task_started', 'task_completed') GROUP BY actor, day ORDER BY actor, day
