"""Jushuitan."""
