"""Trial tenants: a company of a trade with a made-up year behind it, opened in a minute, emptied with one click. Start at `service.py`."""
