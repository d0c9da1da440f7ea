"""Wangdiantong."""
