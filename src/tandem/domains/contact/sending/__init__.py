"""Mass messages and posts of the private domain: prepared here, confirmed by staff, read back until it is known what became of each."""
