"""The desk that answers out of hours from a knowledge base, and hands over to people."""
