"""Evaluates CompanyOS flags in a program of your own."""
