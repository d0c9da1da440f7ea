"""Imported for what it registers: the connector of web sites, and how what browsers left is opened."""

from tandem.stream.beacon import site, visits

__all__ = ["site", "visits"]
