"""The private domain: how customers become friends of advisers, and what is said to them there."""
