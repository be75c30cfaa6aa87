"""Hosts: request counts, cooldowns, robots.txt, leases between processes."""
