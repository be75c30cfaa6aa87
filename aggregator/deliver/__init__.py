"""Telling others of what an output's log has, each by a cursor of its own, and when."""
