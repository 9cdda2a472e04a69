-- Which of these events are held already: to complete a block whose insert did not come back.
SELECT tenant, id FROM events
WHERE tenant IN {tenants:Array(String)} AND id IN {ids:Array(String)}
    AND time >= fromUnixTimestamp64Milli({since:Int64}) AND time < fromUnixTimestamp64Milli({until:Int64})
