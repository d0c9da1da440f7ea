"""Links that tell who read what."""
