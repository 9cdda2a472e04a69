-- Who met which variant of which flag: people, evaluations, first and last.
SELECT kind, path, tenant, uniqExact(actor), uniqExact(key), min(time), max(time)
FROM events
WHERE tenant IN {tenants:Array(String)} AND event = 'feature_flag.evaluation' AND ({flag:String} = '' OR kind = {flag:String})
    AND time >= fromUnixTimestamp64Milli({since:Int64}) AND time < fromUnixTimestamp64Milli({until:Int64}) AND actor != ''
GROUP BY kind, path, tenant
ORDER BY kind, path, tenant
