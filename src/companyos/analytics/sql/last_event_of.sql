-- When one person last did something: what makes a survey due.
SELECT maxOrNull(time) FROM events
WHERE feature = {feature:String} AND event = {event:String} AND actor = {actor:String}
