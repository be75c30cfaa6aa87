"""Measurements: each prints ratios against a baseline of the same run, since machines are noisy."""
