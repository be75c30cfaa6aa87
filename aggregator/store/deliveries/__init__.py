"""Deliveries of what is in the logs of outputs: who is to be told, and how far they know it."""
