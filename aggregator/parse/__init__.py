"""What did the feed say? Bytes in, entries out; pure, run in a worker process."""
