"""The engine that runs the flow: the loops of one process, and its CPU workers."""
