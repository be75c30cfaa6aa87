"""What a page is before anything is chosen from it: its bytes, its tree, its blocks, what it says of itself."""
