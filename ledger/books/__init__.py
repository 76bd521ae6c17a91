"""The ground floor: accounts, funds, entries and their postings, vouchers, months, totals."""
