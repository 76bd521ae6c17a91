"""``soquy token``: tokens made on the server itself, which may found the first association."""

import argparse
from uuid import UUID

from api import tokens
from api.auth import RIGHTS
from api.prepared import prepared
from api.problems import Refusal
from api.settings import Settings
from ledger import typeid
from ledger.associations.reach import home_of, tenants
from ledger.errors import AssociationNotFound
from ledger.tenancy import DEPLOYMENT, set_tenant
from ledger.text import clean_text

LABEL_LENGTH_MAX = 100


def create(settings: Settings, asked: argparse.Namespace) -> int:
    """Make a token and print it: alone on its line, so that a script can read it."""
    if not 1 <= asked.days <= tokens.DAYS_MAX:
        raise Refusal("token_expiry_refused", days_max=tokens.DAYS_MAX)
    label = clean_text(asked.label, field="label", length_max=LABEL_LENGTH_MAX)
    association_ids = [typeid.decode(typeid.ASSOCIATION, each) for each in asked.associations]
    with prepared(settings) as ready, ready.engine.begin() as conn:
        homes = {each: home_of(conn, each) for each in association_ids}
        for association_id, home in homes.items():
            if home is None:
                raise AssociationNotFound(association=typeid.encode(typeid.ASSOCIATION, association_id))
        if len(set(homes.values())) > 1:
            raise Refusal("token_scope_refused")
        made = tokens.create_token(
            conn,
            tenant_id=next(iter(homes.values()), None) or DEPLOYMENT,
            label=label,
            rights=asked.rights or list(RIGHTS),
            association_ids=association_ids,
            reaches_below=asked.below or not association_ids,
            expires_at=tokens.expiry_after(asked.days),
            actor=None,
        )
    if not asked.quiet:
        reach = "every association" if not association_ids else f"{len(association_ids)} association(s)"
        print(f"Token {typeid.encode(typeid.TOKEN, made.token_id)} for {reach}, good for {asked.days} days.")
        print("Keep it safe: it is shown this once.")
    print(made.secret)
    return 0


def list_all(settings: Settings, asked: argparse.Namespace) -> int:
    """Print one token a line: id, state, rights, reach, expiry, label."""
    del asked
    with prepared(settings) as ready, ready.engine.begin() as conn:
        for tenant_id in [DEPLOYMENT, *tenants(conn)]:
            set_tenant(conn, tenant_id)
            for row in tokens.list_tokens(conn, tenant_id):
                is_over = row.expires_at <= tokens.expiry_after(0)
                state = "revoked" if row.revoked_at else "expired" if is_over else "good"
                reach = (
                    " ".join(typeid.encode(typeid.ASSOCIATION, each) for each in row.association_ids) or "everything"
                )
                rights = ",".join(row.rights)
                public_id = typeid.encode(typeid.TOKEN, row.token_id)
                print(public_id, state, rights, reach, f"{row.expires_at:%Y-%m-%d}", row.label, sep="\t")
    return 0


def revoke(settings: Settings, asked: argparse.Namespace) -> int:
    """Revoke a token, wherever it lives."""
    token_id: UUID = typeid.decode(typeid.TOKEN, asked.token_id)
    with prepared(settings) as ready, ready.engine.begin() as conn:
        for tenant_id in [DEPLOYMENT, *tenants(conn)]:
            set_tenant(conn, tenant_id)
            if tokens.revoke_token(conn, tenant_id, token_id, actor=None):
                break
        else:
            raise Refusal("token_not_found")
    if not asked.quiet:
        print(f"{asked.token_id} is revoked.")
    return 0
