-- The last variant of a flag that each of some cases met.
SELECT case, argMax(path, time)
FROM events
WHERE event = 'feature_flag.evaluation' AND kind = {flag:String} AND tenant IN {tenants:Array(String)}
    AND has({cases:Array(String)}, case)
    AND time >= fromUnixTimestamp64Milli({since:Int64}) AND time < fromUnixTimestamp64Milli({until:Int64})
GROUP BY case
