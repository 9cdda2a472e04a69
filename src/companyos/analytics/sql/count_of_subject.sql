-- What the engine holds of a person: rows of their own, rows that mention them, refused bodies that do.
SELECT (SELECT count() FROM events WHERE has({names:Array(String)}, actor)),
    (SELECT count() FROM events WHERE NOT has({names:Array(String)}, actor)
        AND (has({names:Array(String)}, by) OR match(props, {quoted:String}))),
    (SELECT count() FROM quarantine WHERE match(body, {quoted:String}))
