"""What came of a flow: uplift, arms, versions and periods side by side, winners adopted, flows in each other's way."""
