"""Subscriptions at hubs, and the polls that they put off."""
