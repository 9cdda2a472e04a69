-- Tasks begun and failed, in order, to rebuild the guardrails' day book after a restart.
SELECT time, id, actor, kind, path, event FROM events FINAL
WHERE feature = {feature:String} AND time >= fromUnixTimestamp64Milli({since:Int64}) AND event IN ('task_started', 'task_failed')
ORDER BY time, id
