-- How many refused events are older than they are kept.
SELECT count() FROM quarantine WHERE received < fromUnixTimestamp64Milli({before:Int64})
