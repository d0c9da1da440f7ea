"""Cards in parcels and links of orders that bring buyers of platforms to an adviser (包裹卡)."""
