-- Per flag: people who met it, and those among them who met more than one variant.
SELECT kind, count(), countIf(variants > 1)
FROM (
    SELECT kind, uniqExact(path) AS variants
    FROM events
    WHERE tenant IN {tenants:Array(String)} AND event = 'feature_flag.evaluation' AND ({flag:String} = '' OR kind = {flag:String})
        AND time >= fromUnixTimestamp64Milli({since:Int64}) AND time < fromUnixTimestamp64Milli({until:Int64}) AND who != 0
    GROUP BY kind, who
)
GROUP BY kind
ORDER BY kind
