-- How many events of one data domain are older than it is kept. Domains named by event come before those by tenant.
SELECT count() FROM events WHERE time < fromUnixTimestamp64Milli({before:Int64})
    AND (empty({events:Array(String)}) OR has({events:Array(String)}, event))
    AND (empty({tenants:Array(String)}) OR has({tenants:Array(String)}, tenant))
    AND NOT has({other_events:Array(String)}, event) AND NOT has({other_tenants:Array(String)}, tenant)
