"""What happened: the inbox log that acknowledges events, and the engine that answers questions about them."""
