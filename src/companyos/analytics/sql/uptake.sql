-- From first meeting the feature on: began a task, first task done, one done on a later day. One row: how many reached
-- each step, how many stand open before it (met it less than `window` ago), and the median time of each step in ms.
SELECT count(), countIf(began > 0), countIf(done > 0), countIf(again > 0),
    countIf(began = 0 AND open), countIf(began > 0 AND done = 0 AND open), countIf(done > 0 AND again = 0 AND open),
    if(countIf(began > 0) = 0, NULL, quantileExactIf(0.5)(toFloat64(began - met), began > 0)),
    if(countIf(done > 0) = 0, NULL, quantileExactIf(0.5)(toFloat64(done - began), done > 0)),
    if(countIf(again > 0) = 0, NULL, quantileExactIf(0.5)(toFloat64(again - done), again > 0))
FROM (
    SELECT minIf(at, event = 'feature_flag.evaluation' AND path IN {on:Array(String)}) AS met,
        arraySort(groupArrayIf(at, event = 'task_started' AND path = {path:String})) AS starts,
        arraySort(groupArrayIf(at, event = 'task_completed' AND path = {path:String})) AS ends,
        arrayFirst(x -> x >= met, starts) AS began,
        if(began = 0, 0, arrayFirst(x -> x >= began, ends)) AS done,
        if(done = 0, 0, arrayFirst(x -> toDate(fromUnixTimestamp64Milli(x), {zone:String}) > toDate(fromUnixTimestamp64Milli(done), {zone:String}), ends)) AS again,
        met + {window:Int64} > {until:Int64} AS open
    FROM (
        SELECT tenant, actor, event, path, toUnixTimestamp64Milli(time) AS at
        FROM events
        WHERE tenant IN {tenants:Array(String)} AND feature = {feature:String} AND actor != ''
            AND event IN ('feature_flag.evaluation', 'task_started', 'task_completed') AND (path IN {on:Array(String)} OR path = {path:String})
            AND time < fromUnixTimestamp64Milli({until:Int64})
    )
    GROUP BY tenant, actor
    HAVING met >= {since:Int64} AND met > 0
)
