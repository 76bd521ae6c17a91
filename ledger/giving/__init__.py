"""What was given: contributions and their receipts, pledges, goods, and the papers that collectors carry."""
