"""Stories: ready entries settled into them, by content or by the operator."""
