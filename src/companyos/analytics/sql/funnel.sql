-- How far each person (or task) got through ordered steps within the window, from the start that led furthest.
-- `masks` says of each event which steps it counts for (bits 0 to 7) and whether it excludes (bit 8).
-- `at` names the times that are wide enough for the span: 32 bits hold 49 days of milliseconds, and are walked faster.
SELECT level, latest + {window:UInt64} > {until:Int64} AS open, excluded_at >= began AS excluded, count()
FROM (
    SELECT one,
        windowFunnel({window:UInt64})(
            {at:Identifier}, bitTest(mask, 0), bitTest(mask, 1), bitTest(mask, 2), bitTest(mask, 3),
            bitTest(mask, 4), bitTest(mask, 5), bitTest(mask, 6), bitTest(mask, 7)
        ) AS level,
        minIf(moment, bitTest(mask, 0)) AS began,
        maxIf(moment, bitTest(mask, 0)) AS latest,
        maxIf(moment, excludes) AS excluded_at
    FROM (
        SELECT if({hold:String} = 'task', cityHash64(tenant, task), who) AS one,
            toUInt64(toUnixTimestamp64Milli(time)) AS moment, toUInt32(moment - {since:UInt64}) AS since_start,
            transform(event, {events:Array(String)}, {masks:Array(UInt16)}, toUInt16(0)) AS mask,
            bitTest(mask, 8) AND ({property:String} = '' OR JSONExtractRaw(props, {property:String}) IN {wanted:Array(String)}) AS excludes
        FROM events
        WHERE tenant IN {tenants:Array(String)} AND feature = {feature:String} AND event IN {events:Array(String)}
            AND time >= fromUnixTimestamp64Milli({since:Int64}) AND time < fromUnixTimestamp64Milli({until:Int64})
            AND if({hold:String} = 'task', task != '', who != 0)
    )
    GROUP BY one
    HAVING latest > 0
)
GROUP BY level, open, excluded
ORDER BY level, open, excluded
