-- Papers that were printed, so that a reprint can be held against the first.

SET LOCAL ROLE soquy_owner;
SET LOCAL search_path = soquy, pg_temp;

RESET ROLE;
