"""Amazon SP-API."""
