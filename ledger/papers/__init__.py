"""Papers that an association hands out: vouchers, lists of contributions, donors' receipts, posters."""
