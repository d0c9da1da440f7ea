"""The chat archive: conversations of customers who agreed, what is said in them, how soon they are answered, how good they are."""
