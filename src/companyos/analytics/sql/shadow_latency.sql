-- Response times of old and new path in ms, where both answered: how many, old p50 and p95, new p50 and p95.
SELECT count(), quantileExact(0.5)(old), quantileExact(0.95)(old), quantileExact(0.5)(new), quantileExact(0.95)(new)
FROM (
    SELECT any(JSONExtractFloat(props, 'shadow.old_ms')) AS old, any(JSONExtractFloat(props, 'shadow.new_ms')) AS new
    FROM events
    WHERE feature = {feature:String} AND event = 'shadow_compared'
        AND ({workflow:String} = '' OR JSONExtractString(props, 'shadow.workflow') = {workflow:String})
        AND JSONHas(props, 'shadow.old_ms') AND JSONHas(props, 'shadow.new_ms')
        AND time >= fromUnixTimestamp64Milli({since:Int64}) AND time < fromUnixTimestamp64Milli({until:Int64})
    GROUP BY tenant, id
)
