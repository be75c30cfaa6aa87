"""What did the operator ask for? Settings, feed list and outputs, validated."""
