"""People's rights: consent with proof, a copy of what is held, erasure with a receipt."""
