"""Leads: who asked before she bought, whose she is to follow up, and what came of it."""
