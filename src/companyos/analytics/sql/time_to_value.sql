-- From each person's first start to the first value, with those still waiting counted (Kaplan and Meier 1958).
-- Both are the first ever held; who began between `since` and `until` is asked about. Value seen before the start: 0.
WITH arraySort(groupArray((took, reached, people))) AS steps,
    arrayReverse(arrayCumSum(step -> step.3, arrayReverse(steps))) AS waited,
    arrayMap(log_share -> exp(log_share), arrayCumSum((step, n) -> log(1 - step.2 / n), steps, waited)) AS waiting,
    arrayMap(step -> step.1, steps) AS times, arrayMap(step -> step.2 > 0, steps) AS falls
SELECT sum(people), sum(reached),
    arrayFirstOrNull((time, share, fall) -> fall AND share <= 0.5 + 1e-9, times, waiting, falls),
    arrayFirstOrNull((time, share, fall) -> fall AND share <= 0.1 + 1e-9, times, waiting, falls)
FROM (
    SELECT if(has_value, greatest(got - began, 0), {until:Int64} - began) AS took, sum(has_value) AS reached, count() AS people
    FROM (
        SELECT cityHash64(tenant, actor) AS who,
            min(if(starts, at, {until:Int64})) AS began, min(if(starts, {until:Int64}, at)) AS got,
            got < {until:Int64} AS has_value
        FROM (
            SELECT tenant, actor, toUnixTimestamp64Milli(time) AS at,
                event IN {starts:Array(String)} AND ({start_path:String} = '' OR path = {start_path:String}) AS starts
            FROM events
            WHERE tenant IN {tenants:Array(String)} AND feature = {feature:String}
                AND time < fromUnixTimestamp64Milli({until:Int64}) AND actor != ''
                AND (starts OR event IN {values:Array(String)} AND ({path:String} = '' OR path = {path:String}))
                AND event IN arrayConcat({starts:Array(String)}, {values:Array(String)})
        )
        GROUP BY who
        HAVING began >= {since:Int64} AND began < {until:Int64}
    )
    GROUP BY took
)
