"""Files as first-class objects: what came in, what was read, what a person decided, what came of it."""
