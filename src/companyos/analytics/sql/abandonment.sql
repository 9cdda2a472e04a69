-- Per kind: the (upper) median of the time from beginning a task to done, and tasks begun: done within 3 medians,
-- abandoned (not done by then, or later), and still open: its time is not over, or nobody ever finished one (P11).
SELECT kind, if(isNaN(median), NULL, median),
    length(tasks), arrayCount(t -> t.1 >= 0 AND t.1 <= 3 * median, tasks), arrayCount(t -> t.2 > 3 * median AND NOT (t.1 >= 0 AND t.1 <= 3 * median), tasks)
FROM (
    SELECT kind, quantileExactIf(0.5)(toFloat64(took), took >= 0) AS median, groupArray((took, age)) AS tasks
    FROM (
        SELECT min(if(event = 'task_started', (at, its_kind), ({until:Int64}, ''))) AS first, tupleElement(first, 2) AS kind,
            min(if(event = 'task_completed', at, {until:Int64})) AS done,
            if(done < {until:Int64}, greatest(done - tupleElement(first, 1), 0), -1) AS took, {until:Int64} - tupleElement(first, 1) AS age
        FROM (
            SELECT tenant, task, event, toString(events.kind) AS its_kind, toUnixTimestamp64Milli(time) AS at
            FROM events
            WHERE tenant IN {tenants:Array(String)} AND feature = {feature:String} AND path = {path:String}
                AND event IN ('task_started', 'task_completed')
                AND time >= fromUnixTimestamp64Milli({since:Int64}) AND time < fromUnixTimestamp64Milli({until:Int64})
        )
        GROUP BY tenant, task
        HAVING tupleElement(first, 1) < {until:Int64}
    )
    GROUP BY kind
)
ORDER BY kind
