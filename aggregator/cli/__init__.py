"""How is it started, asked and changed? The ``aggregator`` command."""
