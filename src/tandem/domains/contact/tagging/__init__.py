"""Tags both ways: what advisers give on the platform becomes tags of ours, and ours reach the platform (decision 140)."""
