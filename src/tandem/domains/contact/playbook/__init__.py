"""What happens in customer groups over days: messages, coupons, tasks of owners (W06)."""
