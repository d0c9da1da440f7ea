"""Credentials that blocks name and never hold: sealed in a table, opened only as a call is sent."""
