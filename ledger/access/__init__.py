"""Who may do what where: roles, users and invitations."""
