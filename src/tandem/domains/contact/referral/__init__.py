"""Campaigns in which customers bring friends."""
