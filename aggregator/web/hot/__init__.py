"""The hot path: rendered feeds from memory, before the framework."""
