-- People and their consents, and the documents that events rest on.

SET LOCAL ROLE soquy_owner;
SET LOCAL search_path = soquy, pg_temp;

RESET ROLE;
