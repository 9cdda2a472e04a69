-- The time of the newest event of a feature that the guardrails look at; 1970 when there is none.
SELECT max(time) FROM events WHERE feature = {feature:String} AND event IN {events:Array(String)}
