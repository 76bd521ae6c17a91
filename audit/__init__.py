"""Keep the evidence: what a leaf's bytes are, and how a leaf enters the log."""
