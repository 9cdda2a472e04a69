-- People and evaluations of one flag by variant and tenant, by variant, and in all; a resent event counts once.
SELECT variant, tenant, uniqExact(actor), uniqExact(id), grouping(variant), grouping(tenant)
FROM (
    SELECT if(path != '', path, JSONExtractString(props, 'feature_flag.result.variant')) AS variant, tenant, actor, id FROM events
    WHERE event = 'feature_flag.evaluation' AND if(kind != '', kind, JSONExtractString(props, 'feature_flag.key')) = {flag:String}
        AND time >= fromUnixTimestamp64Milli({since:Int64}) AND time < fromUnixTimestamp64Milli({until:Int64})
)
GROUP BY GROUPING SETS ((variant, tenant), (variant), ()) ORDER BY variant, tenant
