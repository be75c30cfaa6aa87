"""What do people and readers see? Merged feeds over HTTP, status page, health."""
