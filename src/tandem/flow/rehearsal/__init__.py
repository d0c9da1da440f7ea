"""Trying a flow out before it is published: a dry run of a few people, and a backtest over past events. See docs/decisions/0075."""
