"""Ele.me."""
