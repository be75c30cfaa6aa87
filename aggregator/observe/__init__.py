"""Counts and traces, given out in the field's own forms; both are extras."""
