"""What tests share: servers, databases, processes and texts. No test stands here."""
