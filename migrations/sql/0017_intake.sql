-- Files as objects: what came in, what was read, what a person decided, what came of it.

SET LOCAL ROLE soquy_owner;
SET LOCAL search_path = soquy, pg_temp;

RESET ROLE;
