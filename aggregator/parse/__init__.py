"""Feed documents: bytes in, entries out; pure, run in a worker process."""
