"""Pages of the roadmap: suggestions, the council, RFCs."""
