"""People's data: the vault that keeps what the log only commits to."""
