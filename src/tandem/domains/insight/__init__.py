"""Insight: boards that answer a question each, and finding anything by name."""
