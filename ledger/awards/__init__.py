"""Awards: plans of programs, rounds, lists that a council decides on, and who is on them."""
