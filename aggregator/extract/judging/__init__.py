"""Judge the text that was found: evidence, paywalls and consent walls, alternates that may be better."""
