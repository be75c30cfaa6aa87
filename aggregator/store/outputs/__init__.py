"""Items of each output, and retention."""
