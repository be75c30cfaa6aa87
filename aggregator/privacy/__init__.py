"""What of an address may leave the process. Pure; imports nothing of the program."""
