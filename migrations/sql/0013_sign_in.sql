-- Who signs in, what they may do where, and what they did: users, roles, sessions, invitations.

SET LOCAL ROLE soquy_owner;
SET LOCAL search_path = soquy, pg_temp;

RESET ROLE;
