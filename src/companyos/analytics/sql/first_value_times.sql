-- How long people waited from first meeting the feature on to their first task done (P12), in steps of an eighth of an octave
-- from one second: how many got there within the step, and how many have waited that long and still wait.
SELECT step, countIf(done > 0), countIf(done = 0)
FROM (
    SELECT met, done, toInt32(ceil(8 * log2(greatest(if(done > 0, done, {until:Int64}) - met, 1000) / 1000.))) AS step
    FROM (
        SELECT minIf(at, event = 'feature_flag.evaluation' AND path IN {on:Array(String)}) AS met,
            arrayFirst(x -> x >= met, arraySort(groupArrayIf(at, event = 'task_completed' AND path = {path:String}))) AS done
        FROM (
            SELECT tenant, actor, event, path, toUnixTimestamp64Milli(time) AS at
            FROM events
            WHERE tenant IN {tenants:Array(String)} AND feature = {feature:String} AND actor != ''
                AND event IN ('feature_flag.evaluation', 'task_completed') AND (path IN {on:Array(String)} OR path = {path:String})
                AND time < fromUnixTimestamp64Milli({until:Int64})
        )
        GROUP BY tenant, actor
        HAVING met >= {since:Int64} AND met > 0
    )
)
GROUP BY step
ORDER BY step
