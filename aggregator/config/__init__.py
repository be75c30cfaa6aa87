"""Configuration: settings, feed list and outputs, validated."""
