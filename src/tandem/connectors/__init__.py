"""Doors to the outside: one folder per platform over one kit."""
