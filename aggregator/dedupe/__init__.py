"""Have we seen this story? Keys and verdicts over values; pure."""
