"""Kingdee."""
