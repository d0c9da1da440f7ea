"""Meituan."""
