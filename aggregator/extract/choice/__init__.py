"""Choice of a page's article blocks: trafilatura's vote, a model over blocks, the page's structure."""
