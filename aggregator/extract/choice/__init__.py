"""Which of a page's blocks are its article: trafilatura's vote, a model over blocks, and the page's structure."""
