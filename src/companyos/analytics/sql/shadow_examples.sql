-- The newest examples of a class of differences, as their sender redacted them.
SELECT time, tenant, case, JSONExtractString(props, 'shadow.variant'), JSONExtractString(props, 'service.version'),
    JSONExtractString(props, 'trace_id'), JSONExtractRaw(props, 'shadow.example'),
    JSONExtractString(props, 'feature_flag.result.variant')
FROM events
WHERE feature = {feature:String} AND event = 'shadow_compared'
    AND JSONExtractString(props, 'shadow.signature') = {signature:String} AND JSONHas(props, 'shadow.example')
    AND time >= fromUnixTimestamp64Milli({since:Int64}) AND time < fromUnixTimestamp64Milli({until:Int64})
ORDER BY time DESC, id
LIMIT 1 BY tenant, id
LIMIT {most:UInt8}
