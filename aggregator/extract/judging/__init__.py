"""Whether what was found is the article: evidence, walls, what is worse, what else may be better."""
