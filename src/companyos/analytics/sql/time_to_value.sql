-- From each person's first start to the first value, with those still waiting counted (Kaplan and Meier 1958).
-- Both are the first ever held; who began between `since` and `until` is asked about. Value seen before the start: 0.
SELECT sum(people), sum(reached),
    minIfOrNull(took, reached > 0 AND waiting <= 0.5 + 1e-9), minIfOrNull(took, reached > 0 AND waiting <= 0.1 + 1e-9)
FROM (
    SELECT took, reached, people,
        exp(sum(log(1 - reached / sum_waiting)) OVER (ORDER BY took ROWS UNBOUNDED PRECEDING)) AS waiting
    FROM (
        SELECT took, reached, people, sum(people) OVER (ORDER BY took DESC ROWS UNBOUNDED PRECEDING) AS sum_waiting
        FROM (
            SELECT if(has_value, greatest(got - began, 0), {until:Int64} - began) AS took,
                sum(has_value) AS reached, count() AS people
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
    )
)
