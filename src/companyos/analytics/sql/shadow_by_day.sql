-- Comparisons by workflow, UTC day, class and who answered. A case that ran again counts by its last run; older than its class's fix, not at all.
SELECT workflow, toDate(at, 'UTC') AS day, signature, verdict, max(severity), any(places), count(), groupUniqArray(20)(tenant), min(at), max(at), new_answered
FROM (
    SELECT tenant, workflow, max(time) AS at, argMax(sig, time) AS signature, argMax(ver, time) AS verdict,
        argMax(sev, time) AS severity, argMax(pla, time) AS places, argMax(mode, time) = 'reverse-shadow' AS new_answered
    FROM (
        SELECT tenant, case, task, time, JSONExtractString(props, 'shadow.workflow') AS workflow,
            JSONExtractString(props, 'shadow.signature') AS told, JSONExtractString(props, 'shadow.verdict') AS said,
            if(told = '' AND value > 0, 'unnamed', told) AS sig, -- other programs may send the value alone
            if(said != '', said, if(value > 0, 'different', 'same')) AS ver,
            if(JSONHas(props, 'shadow.severity'), JSONExtractInt(props, 'shadow.severity'), 3) AS sev,
            JSONExtractRaw(props, 'shadow.places') AS pla,
            JSONExtractString(props, 'feature_flag.result.variant') AS mode
        FROM events
        WHERE feature = {feature:String} AND event = {event:String}
            AND time >= fromUnixTimestamp64Milli({since:Int64}) AND time < fromUnixTimestamp64Milli({until:Int64})
    )
    WHERE {workflow:String} = '' OR workflow = {workflow:String}
    GROUP BY tenant, workflow, case, task
)
WHERE NOT has({fixed:Array(String)}, signature)
    OR toUnixTimestamp64Milli(at) >= arrayElement({fixed_at:Array(Int64)}, indexOf({fixed:Array(String)}, signature))
GROUP BY workflow, day, signature, verdict, new_answered
ORDER BY workflow, day, signature, verdict, new_answered
