-- Distinct bugs that people opened as cases and the pages told the log: nobody sent them as events.
SELECT uniqExact(tenant, id) FROM events WHERE event = 'problem_reported' AND startsWith(id, 'case-')
