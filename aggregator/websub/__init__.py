"""Being told of news instead of asking: a WebSub subscriber (W3C Recommendation, January 2018)."""
