"""Requests kept to what hosts bear: one at a time, gaps, cooldowns, robots.txt."""
