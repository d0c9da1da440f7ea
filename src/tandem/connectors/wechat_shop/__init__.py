"""WeChat shop."""
