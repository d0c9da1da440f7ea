"""Things of a company's own: franchise openings, contracts, devices. It says what they have; flows may be about them."""
