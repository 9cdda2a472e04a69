-- From each person's first start to the first value, with those still waiting counted (Kaplan and Meier 1958).
-- Both are the first ever held; who began between `since` and `until` is asked about. Value seen before the start: 0.
-- A wait is one number, so that sorting is cheap: twice the time, and one more where it still goes on. Ties leave one
-- by one, those who got there first: (1 - 1/n)(1 - 1/(n-1)) is 1 - 2/n.
WITH arraySort(groupArray(2 * if(got < {until:Int64}, greatest(got - began, 0), {until:Int64} - began) + (got >= {until:Int64}))) AS waits,
    arrayCumSum((wait, nth) -> if(bitTest(wait, 0), 0, log(1 - 1 / (length(waits) - nth + 1))), waits, arrayEnumerate(waits)) AS still
SELECT count(), countIf(got < {until:Int64}),
    intDiv(arrayFirstOrNull((wait, share) -> NOT bitTest(wait, 0) AND share <= log(0.5 + 1e-9), waits, still), 2),
    intDiv(arrayFirstOrNull((wait, share) -> NOT bitTest(wait, 0) AND share <= log(0.1 + 1e-9), waits, still), 2)
FROM (
    SELECT min(if(starts, at, {until:Int64})) AS began, min(if(starts, {until:Int64}, at)) AS got
    FROM (
        SELECT who, toUnixTimestamp64Milli(time) AS at,
            event IN {starts:Array(String)} AND ({start_path:String} = '' OR path = {start_path:String}) AS starts
        FROM events
        WHERE tenant IN {tenants:Array(String)} AND event IN {events:Array(String)} AND feature = {feature:String}
            AND time < fromUnixTimestamp64Milli({until:Int64}) AND who != 0
            AND (starts OR event IN {values:Array(String)} AND ({path:String} = '' OR path = {path:String}))
    )
    GROUP BY who
    HAVING began >= {since:Int64} AND began < {until:Int64}
)
-- The key finds the rows, and nearly all of them count: columns are read at once, not condition by condition.
SETTINGS optimize_move_to_prewhere = 0
