-- Long work that goes on after its request, with progress.

SET LOCAL ROLE soquy_owner;
SET LOCAL search_path = soquy, pg_temp;

RESET ROLE;
