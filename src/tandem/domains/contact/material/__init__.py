"""Materials, talk scripts, and the questions that are answered with them."""
