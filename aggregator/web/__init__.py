"""The web server: merged feeds over HTTP, status page, health."""
