-- The company's trend, from the sums per UTC day: people with a task done, tasks begun, done and failed, all events.
SELECT at, uniqCombined64MergeIf(12)(actors, event = 'task_completed'),
    sumIf(events, event = 'task_started'), sumIf(events, event = 'task_completed'), sumIf(events, event = 'task_failed'), sum(events)
FROM days
WHERE at >= toDate({first_day:String}) AND at < toDate({end_day:String})
GROUP BY at
ORDER BY at
