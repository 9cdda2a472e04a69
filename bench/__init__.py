"""Benchmarks: `make bench ONLY=name` prints a table, writes `bench/results/name.json`, exits 1 below a bar."""
