"""One flow of head office's, each store with words, thresholds and optional branches of its own, within the limits drawn for them."""
