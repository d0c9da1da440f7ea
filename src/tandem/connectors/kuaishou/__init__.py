"""Kuaishou shop."""
