"""Xiaohongshu."""
