"""Taobao and Tmall (TOP)."""
