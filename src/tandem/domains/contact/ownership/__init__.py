"""Whose an order is (导购归属): rules, credits, disputes, targets, ranking."""
