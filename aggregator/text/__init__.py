"""Characters as values: bytes to text by the label that names their encoding. Pure."""
