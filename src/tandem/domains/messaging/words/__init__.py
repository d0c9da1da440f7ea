"""Words that messages must not say: found through the usual disguises, before a message is handed to a channel."""
