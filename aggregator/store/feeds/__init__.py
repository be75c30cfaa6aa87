"""Feeds and their entries: claims, polls, outages."""
