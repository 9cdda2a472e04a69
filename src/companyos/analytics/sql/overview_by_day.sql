-- The company's trend, from the sums per UTC day: people with a task done, tasks begun, done and failed, all events.
SELECT toDate(at), people, started, completed, failed, everything
FROM (
    SELECT at, sumIf(events, event = 'task_started') AS started, sumIf(events, event = 'task_completed') AS completed,
        sumIf(events, event = 'task_failed') AS failed, sum(events) AS everything
    FROM sums
    WHERE grain = 'day' AND at >= toDateTime({first_day:String}, 'UTC') AND at < toDateTime({end_day:String}, 'UTC')
    GROUP BY at
) AS counts
LEFT JOIN (
    SELECT at, uniqCombined64Merge(12)(actors) AS people
    FROM sums
    WHERE grain = 'day' AND event = 'task_completed' AND at >= toDateTime({first_day:String}, 'UTC') AND at < toDateTime({end_day:String}, 'UTC')
    GROUP BY at
) AS merged USING (at)
ORDER BY at
