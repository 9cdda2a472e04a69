-- Per tenant and variant: tasks begun, of these begun before `settled`, and of those the done ones.
SELECT tenant, path, count(), countIf(began < {settled:Int64}), countIf(began < {settled:Int64} AND done)
FROM (
    SELECT tenant, path, max(event = 'task_completed') AS done,
        min(if(event = 'task_started', toUnixTimestamp64Milli(time), {until:Int64})) AS began
    FROM events
    WHERE tenant IN {tenants:Array(String)} AND feature = {feature:String} AND event IN ('task_started', 'task_completed')
        AND time >= fromUnixTimestamp64Milli({since:Int64}) AND time < fromUnixTimestamp64Milli({until:Int64})
    GROUP BY tenant, path, task
    HAVING began < {until:Int64}
)
GROUP BY tenant, path
ORDER BY tenant, path
