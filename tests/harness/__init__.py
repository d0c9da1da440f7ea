"""What tests of all rooms stand on: a throw-away PostgreSQL and fresh databases in milliseconds."""
