"""Pages for those who sign in and record: one module a room, each with ``make_router``."""
