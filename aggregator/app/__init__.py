"""The process: its parts put together, its life, its limits on requests."""
