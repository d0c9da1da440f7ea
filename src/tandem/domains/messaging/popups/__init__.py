"""Pop-ups on a company's own web pages: a channel whose messages wait until she comes by."""
