-- The company by tenant and feature, from the sums per UTC day: people with a task done, tasks, response time, last sign of life.
SELECT tenant, feature, uniqCombined64MergeIf(12)(actors, event = 'task_completed'),
    sumIf(events, event = 'task_started'), sumIf(events, event = 'task_completed'), sumIf(events, event = 'task_failed'),
    quantilesDDMergeIf(0.01, 0.5, 0.95, 0.99)(latency, event = 'task_completed') AS levels, max(last)
FROM days
WHERE event IN ('task_started', 'task_completed', 'task_failed') AND at >= toDate({first_day:String}) AND at < toDate({end_day:String})
GROUP BY tenant, feature
ORDER BY tenant, feature
