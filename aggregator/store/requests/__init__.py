"""Requests of commands to the daemons that work on a database."""
