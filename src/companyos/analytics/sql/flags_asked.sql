-- When each flag was last evaluated by a program that reports it.
SELECT if(kind != '', kind, JSONExtractString(props, 'feature_flag.key')) AS flag, max(time) FROM events
WHERE event = 'feature_flag.evaluation' AND flag != ''
    AND time >= fromUnixTimestamp64Milli({since:Int64}) AND time < fromUnixTimestamp64Milli({until:Int64})
GROUP BY flag ORDER BY flag
