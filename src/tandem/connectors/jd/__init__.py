"""JD (JOS and the newer SP-API)."""
