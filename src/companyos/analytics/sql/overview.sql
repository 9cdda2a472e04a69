-- The company by tenant and feature, from the sums per UTC day: people with a task done, tasks, response time, last sign
-- of life. What is merged (people, response time) is read for done tasks only: it is most of the work.
SELECT tenant, feature, people, started, completed, failed, levels, seen
FROM (
    SELECT tenant, feature, sumIf(events, event = 'task_started') AS started,
        sumIf(events, event = 'task_completed') AS completed, sumIf(events, event = 'task_failed') AS failed, max(last) AS seen
    FROM sums
    WHERE grain = 'day' AND event IN ('task_started', 'task_completed', 'task_failed') AND at >= toDateTime({first_day:String}, 'UTC') AND at < toDateTime({end_day:String}, 'UTC')
    GROUP BY tenant, feature
) AS counts
LEFT JOIN (
    SELECT tenant, feature, uniqCombined64Merge(12)(actors) AS people, quantilesDDMerge(0.01, 0.5, 0.95, 0.99)(latency) AS levels
    FROM sums
    WHERE grain = 'day' AND event = 'task_completed' AND at >= toDateTime({first_day:String}, 'UTC') AND at < toDateTime({end_day:String}, 'UTC')
    GROUP BY tenant, feature
) AS merged USING (tenant, feature)
ORDER BY tenant, feature
-- The sketches are read in small pieces, so that both threads have some.
SETTINGS merge_tree_min_rows_for_concurrent_read = 1, merge_tree_min_bytes_for_concurrent_read = 1
