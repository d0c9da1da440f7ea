"""Outgoing webhooks: events told to other systems, signed, at least once, with a log one can read."""
