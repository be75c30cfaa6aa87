"""Who runs the work? The loops of one process, and its CPU workers."""
