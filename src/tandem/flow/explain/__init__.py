"""Why did she (not) get it: the values behind every decision, for one customer."""
