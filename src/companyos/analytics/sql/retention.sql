-- Of the people whose first ever week was week n (0: the week of `monday`), how many came back k weeks later.
SELECT cohort, week - cohort AS later, sum(people)
FROM (
    SELECT cohort, weeks, count() AS people
    FROM (
        SELECT min(week) AS cohort, groupBitOr(if(week < 0, 0, bitShiftLeft(toUInt64(1), greatest(week, 0)))) AS weeks
        FROM (
            SELECT who,
                toInt32(floor((toDate(time, {zone:String}) - toDate({monday:String})) / 7)) AS week
            FROM events
            WHERE tenant IN {tenants:Array(String)} AND feature = {feature:String} AND event IN {events:Array(String)}
                AND ({path:String} = '' OR path = {path:String}) AND who != 0
                AND time < fromUnixTimestamp64Milli({until:Int64})
        )
        GROUP BY who
        HAVING cohort >= 0
    )
    GROUP BY cohort, weeks
)
ARRAY JOIN bitPositionsToArray(weeks) AS week
GROUP BY cohort, later
ORDER BY cohort, later
