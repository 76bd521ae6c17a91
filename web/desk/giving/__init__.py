"""Where those who receive record what was given: single gifts, drives, salary days, pledges, goods, paper receipts."""
