"""Long work that goes on after its request."""
