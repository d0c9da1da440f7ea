"""Stores, products, orders, refunds: the canonical records that every connector maps to."""
