"""WeChat mini-program."""
