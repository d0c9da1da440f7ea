"""Handing the customers and groups of an adviser who leaves, or still serves, to another (decision 141)."""
