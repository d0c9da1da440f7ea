"""The door: receives records, tells what is new, finds whose it is, and leaves events in the bucket's inbox."""
