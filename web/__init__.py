"""Pages for people: server-rendered, Vietnamese first, no script needed."""
