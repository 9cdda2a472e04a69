"""Evidence from work, read defensively: what a pipeline sends is bounded, typed and never trusted to be well formed."""
