"""Leases handed out through a job engine."""
