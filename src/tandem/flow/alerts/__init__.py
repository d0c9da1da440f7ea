"""Steering a flow at work: stuck steps, failures by cause, limits that pause it, early warnings with what to do, suggestions."""
