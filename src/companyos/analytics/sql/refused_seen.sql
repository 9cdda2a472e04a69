-- What was put aside, by tenant and reason: how many, and when first and last. What stands in quotes in a reason is left out.
SELECT tenant, replaceRegexpAll(reason, '''[^'']*''|`[^`]*`|"[^"]*"|[0-9][0-9T:.+-]*', '…') AS why, count(), min(received), max(received)
FROM quarantine
WHERE received >= fromUnixTimestamp64Milli({since:Int64}) AND received < fromUnixTimestamp64Milli({until:Int64})
GROUP BY tenant, why
ORDER BY count() DESC, tenant, why
