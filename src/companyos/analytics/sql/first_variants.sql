-- Of the people named, by tenant: which variant of the flag each met first in the span.
SELECT tenant, variant, count()
FROM (
    SELECT tenant, argMin(path, (time, path)) AS variant
    FROM events
    WHERE tenant IN {tenants:Array(String)} AND event = 'feature_flag.evaluation' AND kind = {flag:String} AND path != ''
        AND time >= fromUnixTimestamp64Milli({since:Int64}) AND time < fromUnixTimestamp64Milli({until:Int64})
        AND actor IN {people:Array(String)}
    GROUP BY tenant, who
)
GROUP BY tenant, variant
ORDER BY tenant, variant
