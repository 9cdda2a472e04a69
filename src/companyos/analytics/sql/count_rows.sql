-- Rows held. More of them than distinct events (count_events) would mean that one was counted twice.
SELECT count() FROM events
