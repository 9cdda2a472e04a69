-- Calls that were in the sample and not compared, by why; each is told once, with the next comparison.
SELECT why, sum(n)
FROM (
    SELECT any(time), arrayJoin(JSONExtractKeysAndValues(any(JSONExtractRaw(props, 'shadow.skipped')), 'UInt64')) AS skipped,
        skipped.1 AS why, skipped.2 AS n
    FROM events
    WHERE feature = {feature:String} AND event IN ('shadow_compared', 'shadow_noise')
        AND ({workflow:String} = '' OR JSONExtractString(props, 'shadow.workflow') = {workflow:String})
        AND time >= fromUnixTimestamp64Milli({since:Int64}) AND time < fromUnixTimestamp64Milli({until:Int64})
    GROUP BY tenant, id
)
GROUP BY why
ORDER BY why
