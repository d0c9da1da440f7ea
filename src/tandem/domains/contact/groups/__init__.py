"""Customer groups: who is in which, codes that lead into them, what they are greeted with."""
