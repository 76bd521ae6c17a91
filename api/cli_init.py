"""``soquy init``: the first association, and the link by which its administrator comes in; or another such link.

Run once more it founds nothing: it says what is there, and how to make a new link.
"""

import argparse
from collections.abc import Callable, Sequence
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import Connection

from api.prepared import prepared
from api.problems import Refusal
from api.settings import PORT_DEFAULT, Settings
from ledger import typeid
from ledger.access.invitation import DAYS, SERVER_ROLE, invite, invite_to_new_password
from ledger.access.member import list_members
from ledger.access.user import clean_email, email_key
from ledger.associations.commands import LEVELS, found_association, found_tenant
from ledger.associations.queries import Association, find_book
from ledger.associations.reach import everything, home_of
from ledger.books.chart import open_fund
from ledger.books.model import Actor, Book
from ledger.calendar import today
from ledger.errors import AssociationNotFound, IdMalformed
from ledger.tenancy import DEPLOYMENT, set_tenant

SERVER: Final = Actor(principal_id=UUID(int=0), role=SERVER_ROLE)

DESCRIPTION: Final = """\
Found the first association of this server and print a link for its administrator, who chooses a password there and then
invites everybody else. The association's book opens with the accounts of the chart and one general fund, so that gifts
can be recorded at once.

With --association as_… (the id of one that is there) nothing is founded: the link lets EMAIL administer that one.
Whoever administers it already gets a link to choose a new password instead. A link is good once, for seven days; it is
shown this once, and no mail is sent.
"""


def add_arguments(parser: argparse.ArgumentParser, day: Callable[[str], date]) -> None:
    """Add what the command takes."""
    parser.description = DESCRIPTION
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    name = "its name in Vietnamese, or the id of one that is there"
    parser.add_argument("--association", required=True, metavar="NAME", help=name)
    parser.add_argument("--administrator", required=True, metavar="EMAIL", help="whom the link is for")
    parser.add_argument("--level", choices=LEVELS, default="province", help="of the association (province)")
    parser.add_argument("--unit-code", metavar="CODE", help="the state's code of its province or commune")
    parser.add_argument("--kind", default="learning-promotion", help="of the association (learning-promotion)")
    opening = "the first day of its book (1 January of this year)"
    parser.add_argument("--books-open-on", type=day, metavar="DAY", help=opening)
    parser.add_argument("--founded-on", type=day, metavar="DAY", help="when it was founded (the day its book opens)")
    parser.add_argument("--chart", default="TT24", help="accounts and voucher kinds to begin with (TT24)")
    parser.add_argument("--fund", default="QC", metavar="CODE", help="code of its general fund (QC)")
    parser.add_argument("--fund-name", default="Quỹ khuyến học", metavar="NAME", help="(Quỹ khuyến học)")


def init(settings: Settings, asked: argparse.Namespace) -> int:
    """Found and invite, or invite again; print the link alone on its line."""
    email = clean_email(asked.administrator)
    with prepared(settings) as ready, ready.engine.begin() as conn:
        association_id = _id_of(asked.association)
        if association_id is not None:
            book = _find(conn, association_id)
        else:
            there = [each for each in everything(conn) if each.depth == 0]
            if there:
                return _tell(there, asked)
            book = _found(conn, asked)
        secret, is_renewal = _link(conn, book, email)
    if not asked.quiet:
        public_id = typeid.encode(typeid.ASSOCIATION, book.association_id)
        if association_id is None:
            print(f"{asked.association} is founded: {public_id}.")
        what = "choose a new password" if is_renewal else "administer it"
        print(f"A link for {email} to {what}, good once, for {DAYS} days, and shown this once:")
    print(f"{_base(settings)}/invitation/{secret}")
    return 0


def _id_of(text: str) -> UUID | None:
    try:
        return typeid.decode(typeid.ASSOCIATION, text)
    except IdMalformed:
        return None


def _find(conn: Connection, association_id: UUID) -> Book:
    home = home_of(conn, association_id)
    if home is None:
        raise AssociationNotFound(association=typeid.encode(typeid.ASSOCIATION, association_id))
    set_tenant(conn, home)
    return find_book(conn, association_id)


def _found(conn: Connection, asked: argparse.Namespace) -> Book:
    """Found the association and its general fund; the transaction goes on in its tenant."""
    opened_on = asked.books_open_on or today().replace(month=1, day=1)
    set_tenant(conn, DEPLOYMENT)
    tenant_id = found_tenant(conn, asked.association)
    set_tenant(conn, tenant_id)
    book = found_association(
        conn,
        tenant_id=tenant_id,
        name_vi=asked.association,
        kind=asked.kind,
        level=asked.level,
        unit_code=asked.unit_code,
        founded_on=asked.founded_on or opened_on,
        books_open_on=opened_on,
        chart=asked.chart,
        actor=SERVER,
    )
    open_fund(conn, book, fund=asked.fund, kind="general", name_vi=asked.fund_name, opened_on=opened_on, actor=SERVER)
    return book


def _link(conn: Connection, book: Book, email: str) -> tuple[str, bool]:
    """Return the secret of a link, and whether it is for a new password of somebody who administers it already."""
    for member in list_members(conn, book):
        is_same = member.email is not None and email_key(member.email) == email_key(email)
        if is_same and any(held.role == "administrator" for held in member.roles):
            made = invite_to_new_password(conn, book, user_id=member.user_id, email=email, actor=None)
            return made.secret, True
    return invite(conn, book, email=email, role="administrator", actor=None).secret, False


def _tell(there: Sequence[Association], asked: argparse.Namespace) -> int:
    """Say what is there; founding more is for who administers it.

    Raises:
        Refusal: none of them has the name that was asked for.
    """
    if not asked.quiet:
        print("There already:")
        for each in there:
            print(f"  {typeid.encode(typeid.ASSOCIATION, each.association_id)}  {each.name_vi}")
        print("For a new link: soquy init --association ID --administrator EMAIL")
    if all(each.name_vi != asked.association for each in there):
        raise Refusal("init_done", count=len(there))
    return 0


def _base(settings: Settings) -> str:
    """Return the address that people open: the public one, or this machine's own."""
    public_url = settings.public_url
    return str(public_url).rstrip("/") if public_url else f"http://127.0.0.1:{settings.port or PORT_DEFAULT}"
