"""Pages before anything is chosen from them: bytes, tree, blocks, metadata."""
