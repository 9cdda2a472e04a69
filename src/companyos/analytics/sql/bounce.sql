-- People whose first ever use of the path fell into the span: all, bounced, and those of whom it cannot be said yet (P10).
-- A session ends with a pause longer than `pause`; back on the other path within a day counts as bounced too, by a task there
-- or by a word (`back`: who switched back, and when).
SELECT count(), countIf(bounced), countIf(NOT bounced AND undecided)
FROM (
    SELECT arraySort(groupArrayIf(at, uses)) AS used, used[1] AS began,
        arrayFirst(x -> x.2, arrayPushBack(
            arrayMap((a, b) -> (a, b - a > {pause:Int64}), arrayPopBack(used), arrayPopFront(used)), (used[-1], 1)
        )).1 AS ended,
        arrayExists(x -> x <= ended, groupArrayIf(at, uses AND event IN {keys:Array(String)})) AS has_key,
        arrayExists(x -> x > began AND x <= began + 86400000, groupArrayIf(at, other)) OR arrayExists((p, f) -> p = actor AND f > began AND f <= began + 86400000, {back:Array(String)}, {back_from:Array(Int64)}) AS went_back,
        {until:Int64} - ended <= {pause:Int64} AS running,
        went_back OR (NOT has_key AND NOT running) AS bounced,
        running OR {until:Int64} <= began + 86400000 AS undecided
    FROM (
        SELECT tenant, actor, event, toUnixTimestamp64Milli(time) AS at, path = {path:String} AS uses,
            path = {other:String} AND event = 'task_started' AS other
        FROM events
        WHERE tenant IN {tenants:Array(String)} AND feature = {feature:String} AND actor != ''
            AND time < fromUnixTimestamp64Milli({until:Int64}) AND path IN ({path:String}, {other:String})
    )
    GROUP BY tenant, actor
    HAVING notEmpty(used) AND began >= {since:Int64}
)
