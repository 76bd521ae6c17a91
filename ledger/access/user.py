"""Users: people who sign in. Names and addresses are their own, so they stand in the vault, and no leaf has them."""

import re
import unicodedata
from typing import Final, Literal
from uuid import UUID

import psycopg
import sqlalchemy
from sqlalchemy import Connection, text

from ledger import typeid
from ledger.books.tables import raise_refusal
from ledger.errors import LedgerError, TextRefused
from ledger.tenancy import DEPLOYMENT, set_tenant
from ledger.text import clean_text

EMAIL_LENGTH_MAX: Final = 254
NAME_LENGTH_MAX: Final = 100

_match_email: Final = re.compile(r"[^@\s\"(),:;<>\[\\\]]{1,64}@[^@\s\"(),:;<>\[\\\]]{1,200}").fullmatch

_INSERT: Final = text("""\
INSERT INTO vault.user_profile (tenant_id, user_id, email, email_key, name, language)
VALUES (:tenant_id, :user_id, :email, :email_key, :name, :language)""")


class EmailTaken(LedgerError):
    """Somebody signs in with this address already."""

    code = "email_taken"


def clean_email(value: str) -> str:
    """Return an address as it is kept.

    Raises:
        TextRefused: no address, or with characters that don't show.
    """
    email = clean_text(value, field="email", length_max=EMAIL_LENGTH_MAX)
    if _match_email(email) is None:
        raise TextRefused(field="email", reason="email_form")
    return email


def email_key(email: str) -> str:
    """Return what finds an address, however it was written."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFKC", email).casefold())


def create_user(conn: Connection, *, email: str, name: str, language: Literal["vi", "en"] = "vi") -> UUID:
    """Make a user, who holds no role yet; the transaction goes on in the deployment's tenant.

    Raises:
        EmailTaken: somebody has the address.
        TextRefused: name or address.
    """
    set_tenant(conn, DEPLOYMENT)
    user_id = typeid.new_id()
    email = clean_email(email)
    row = {
        "tenant_id": DEPLOYMENT,
        "user_id": user_id,
        "email": email,
        "email_key": email_key(email),
        "name": clean_text(name, field="name", length_max=NAME_LENGTH_MAX),
        "language": language,
    }
    try:
        conn.execute(_INSERT, row)
    except sqlalchemy.exc.IntegrityError as error:
        if isinstance(error.orig, psycopg.Error) and error.orig.diag.constraint_name == "user_profile_email_unique":
            raise EmailTaken from error
        raise_refusal(error)
    return user_id
