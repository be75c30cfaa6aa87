"""Requests kept to public addresses: URLs, names, addresses, sockets."""
