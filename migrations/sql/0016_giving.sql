-- What was given: contributions, pledges, goods, earmarks, receipt blocks and receipts.

SET LOCAL ROLE soquy_owner;
SET LOCAL search_path = soquy, pg_temp;

RESET ROLE;
