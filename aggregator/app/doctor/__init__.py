"""Examination of everything that the daemon stands on, each finding with what to do."""
