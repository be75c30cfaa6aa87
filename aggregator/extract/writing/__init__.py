"""The chosen blocks as HTML from the page's own tree, and as text."""
