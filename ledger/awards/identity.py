"""Tell whether two rows of lists are the same beneficiary, without keeping who they are.

The identity of a beneficiary is 32 bytes::

    HMAC-SHA256(key, "soquy/identity/v1" ⏎ name ⏎ year of birth or nothing ⏎ "school" or "book" ⏎ place)

with the name as it is searched for (small letters, no marks, single spaces), and as the place the school in the same
form, without the word for school before it, or, where there is none, the id of the book: two grown-ups of one name in
two communes are two people.

The key is one for the whole deployment, so that identities agree across provinces. It is no tenant's and never changes;
the key-encryption key wraps it, as it does every data key, so who has only a dump of the database tries out no names.
"""

import hmac

from ledger.awards.model import Beneficiary
from ledger.books.model import Book
from ledger.people.order import search_key
from ledger.people.sealing import DataKey


def identity_of(key: DataKey, beneficiary: Beneficiary, book: Book) -> bytes:
    """Return the identity of a beneficiary whom a list of the book names."""
    year = "" if beneficiary.birth_year is None else str(beneficiary.birth_year)
    place = ("book", book.association_id.hex)
    if beneficiary.school is not None:
        place = ("school", search_key(beneficiary.school).removeprefix("truong "))
    told = "\n".join(("soquy/identity/v1", search_key(beneficiary.name), year, *place))
    return hmac.digest(key.secret, told.encode(), "sha256")
