"""Associations, the tree they stand in, and the books they keep."""
