"""Where lists come in as files: uploaded, their columns confirmed, looked through row by row, posted, taken back."""
