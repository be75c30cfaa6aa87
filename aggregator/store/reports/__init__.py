"""Reports for operators: status, explanations, entries found."""
