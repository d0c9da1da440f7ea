"""What every connector is made of: signing, calling, tokens, rounds, captures."""
