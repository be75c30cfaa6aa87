"""Control of a running daemon: what commands ask of it, over a socket that is its user's only."""
