"""What customers write, told as events with what it is about."""
