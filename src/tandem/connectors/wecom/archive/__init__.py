"""The chat archive (会话内容存档): the native library in a process of its own, and what its messages say."""
