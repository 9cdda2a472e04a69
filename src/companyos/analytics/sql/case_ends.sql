-- Per tenant: cases that should be over by now, and how many of them had both a start and an end (P13).
SELECT tenant, countIf(began > 0 AND ended > 0), count()
FROM (
    SELECT tenant, maxIf(toUnixTimestamp64Milli(time), event = {starts:String}) AS began,
        maxIf(toUnixTimestamp64Milli(time), event = {ends:String}) AS ended
    FROM events
    WHERE tenant IN {tenants:Array(String)} AND feature = {feature:String} AND event IN ({starts:String}, {ends:String}) AND case != ''
        AND time >= fromUnixTimestamp64Milli({since:Int64}) AND time < fromUnixTimestamp64Milli({until:Int64})
    GROUP BY tenant, case
    HAVING ended >= {old:Int64} OR (began >= {old:Int64} AND began < {settled:Int64})
)
GROUP BY tenant
ORDER BY tenant
