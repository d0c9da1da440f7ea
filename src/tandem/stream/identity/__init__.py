"""Identity: which identifiers name whom, who is merged into whom, and how to take that back."""
