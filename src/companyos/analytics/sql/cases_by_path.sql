-- Of the newest cases of each feature, tenant and kind: how many did not go the old path, how many there are, the last one.
SELECT feature, tenant, sort, countIf(way != {old:String}), count(), max(last)
FROM (
    SELECT feature, tenant, case, argMax(kind, time) AS sort, argMax(path, time) AS way, max(time) AS last
    FROM events
    WHERE feature IN {features:Array(String)} AND event IN ('task_started', 'task_completed', 'task_failed')
        AND case != '' AND path != ''
        AND time >= fromUnixTimestamp64Milli({since:Int64}) AND time < fromUnixTimestamp64Milli({until:Int64})
    GROUP BY feature, tenant, case
    ORDER BY last DESC, case
    LIMIT {most:UInt32} BY feature, tenant, sort
)
GROUP BY feature, tenant, sort
ORDER BY feature, tenant, sort
