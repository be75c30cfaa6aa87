"""Secrets of addresses, kept in the process. Pure; imports nothing of the program."""
