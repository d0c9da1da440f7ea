"""The page beside a chat: who she is, what to say, what to start."""
