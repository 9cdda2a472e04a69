-- The funnel (see funnel.sql) in parts: the tenant, variant, kind of task or person of each one's first start.
SELECT part, level, open, excluded, count()
FROM (
    SELECT one,
        windowFunnel({window:UInt64})(
            at, bitTest(mask, 0), bitTest(mask, 1), bitTest(mask, 2), bitTest(mask, 3),
            bitTest(mask, 4), bitTest(mask, 5), bitTest(mask, 6), bitTest(mask, 7)
        ) AS level,
        min(if(bitTest(mask, 0), (at, its_part), ({until:UInt64}, ''))) AS first,
        max(if(bitTest(mask, 0), at, 0)) AS latest,
        tupleElement(first, 2) AS part,
        latest + {window:UInt64} > {until:Int64} AS open,
        max(if(excludes, at, 0)) >= tupleElement(first, 1) AS excluded
    FROM (
        SELECT if({hold:String} = 'task', cityHash64(tenant, task), who) AS one, toUInt64(toUnixTimestamp64Milli(time)) AS at,
            transform(event, {events:Array(String)}, {masks:Array(UInt16)}, toUInt16(0)) AS mask,
            bitTest(mask, 8) AND ({property:String} = '' OR JSONExtractRaw(props, {property:String}) IN {wanted:Array(String)}) AS excludes,
            toString(multiIf(
                {by:String} = 'tenant', tenant, {by:String} = 'variant', path, {by:String} = 'kind', kind, actor
            )) AS its_part
        FROM events
        WHERE tenant IN {tenants:Array(String)} AND feature = {feature:String} AND event IN {events:Array(String)}
            AND time >= fromUnixTimestamp64Milli({since:Int64}) AND time < fromUnixTimestamp64Milli({until:Int64})
            AND if({hold:String} = 'task', task != '', who != 0)
    )
    GROUP BY one
    HAVING latest > 0
)
GROUP BY part, level, open, excluded
ORDER BY part, level, open, excluded
