-- What the guardrails look at, in order: to rebuild them after a restart, and to count a stage again.
SELECT time, id, actor, kind, path, event, task, latency_ms FROM events FINAL
WHERE feature = {feature:String} AND time >= fromUnixTimestamp64Milli({since:Int64}) AND time < fromUnixTimestamp64Milli({until:Int64}) AND event IN {events:Array(String)}
ORDER BY time, id
