"""Knowledge of what tools write beside a text in HTML, one for feeds and for pages."""
