"""Article pages and site memory."""
