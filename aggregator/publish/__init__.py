"""Publishing: merged feeds rendered, kept in memory and as files."""
