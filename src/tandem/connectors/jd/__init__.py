"""JD (JOS and the SP-API)."""
