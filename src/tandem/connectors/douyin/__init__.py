"""Douyin shop."""
