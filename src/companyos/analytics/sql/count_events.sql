-- Distinct events held, for comparison with the number acknowledged.
SELECT uniqExact(tenant, id) FROM events
