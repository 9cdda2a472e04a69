-- Screens that people saw, as pages and apps tell them: for which feature (empty: none is named), how often, and when last.
SELECT feature, coalesce(
        nullIf(JSONExtractString(props, '$screen_name'), ''), nullIf(JSONExtractString(props, '$pathname'), ''),
        nullIf(path(JSONExtractString(props, '$current_url')), ''), nullIf(JSONExtractString(props, 'path'), ''),
        nullIf(path(JSONExtractString(props, 'url')), ''), nullIf(JSONExtractString(props, 'context', 'page', 'path'), ''),
        JSONExtractString(props, 'name')) AS screen, count(), max(time)
FROM events
WHERE event IN ('$pageview', '$screen') AND time >= fromUnixTimestamp64Milli({since:Int64})
    AND time < fromUnixTimestamp64Milli({until:Int64})
GROUP BY feature, screen
HAVING screen != ''
ORDER BY count() DESC, feature, screen
LIMIT {most:UInt32}
