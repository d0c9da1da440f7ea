"""Templates, the outbox, frequency caps and quiet hours, and the protocol that channels speak."""
