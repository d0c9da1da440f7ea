"""What colleagues are told on their phones, and what they decide there."""
