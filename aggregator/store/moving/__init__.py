"""The whole database elsewhere: copied to another one, into a backup, and back from it."""
