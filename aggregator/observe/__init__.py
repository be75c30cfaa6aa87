"""What is counted and traced, given out in the field's own forms; both are extras."""
