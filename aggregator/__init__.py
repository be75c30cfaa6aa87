"""Many feeds in, one feed worth subscribing to out."""

__version__ = "0.2.0"
