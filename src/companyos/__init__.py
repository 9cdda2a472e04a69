"""Proves a feature at home before customers meet it."""
