-- How many events of each name came per UTC hour, company-wide, from the sums per hour.
SELECT at, event, sum(events), max(last)
FROM sums
WHERE grain = 'hour' AND at >= toDateTime({since:Int64} / 1000, 'UTC') AND at < toDateTime({until:Int64} / 1000, 'UTC')
GROUP BY at, event
ORDER BY at, event
