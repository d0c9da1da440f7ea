"""Customer refers customer: who came by whom, and whether she bought."""
