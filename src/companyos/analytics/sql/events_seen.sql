-- Which events came from which tenant for which feature, how many, and when last: from the sums per UTC day.
SELECT event, tenant, feature, sum(events), max(last)
FROM days
WHERE at >= toDate({first_day:String})
GROUP BY event, tenant, feature
ORDER BY event, tenant, feature
