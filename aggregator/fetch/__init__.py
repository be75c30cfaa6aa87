"""The one door for outgoing requests: polite and guarded."""
