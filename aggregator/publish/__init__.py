"""What do subscribers get? Rendering of merged feeds, and their files."""
