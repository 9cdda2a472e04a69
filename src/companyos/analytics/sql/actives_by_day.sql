-- Distinct people per local day who did one of the events.
SELECT toDate(time, {zone:String}) AS day, uniqExact(who)
FROM events
WHERE tenant IN {tenants:Array(String)} AND feature = {feature:String} AND event IN {events:Array(String)}
    AND ({path:String} = '' OR path = {path:String}) AND who != 0
    AND time >= fromUnixTimestamp64Milli({since:Int64}) AND time < fromUnixTimestamp64Milli({until:Int64})
GROUP BY day
ORDER BY day
