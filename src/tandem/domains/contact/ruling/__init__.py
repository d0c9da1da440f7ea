"""The same forbidden words as rules on the platform: what advisers write themselves is held back there (decision 142)."""
