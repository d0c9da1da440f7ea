"""Simulated platforms: one process serves all, and each behaves as the real one does where it matters."""
