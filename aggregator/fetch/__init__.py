"""How do we ask politely and safely? One door for every outgoing request."""
