"""Source accounts: who sends us what, how we know it is them, and what their payloads mean."""
