"""Coupons with quota and redemption; points as lots with expiry and a ledger that always sums."""
