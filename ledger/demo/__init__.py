"""A province's books to look at: invented movements that add up to the figures that were published."""
