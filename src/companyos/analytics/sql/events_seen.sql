-- Which events came from which tenant for which feature, how many, and when last: from the sums per UTC day.
SELECT event, tenant, feature, sum(events), max(last)
FROM sums
WHERE grain = 'day' AND at >= toDateTime({first_day:String}, 'UTC')
GROUP BY event, tenant, feature
ORDER BY event, tenant, feature
