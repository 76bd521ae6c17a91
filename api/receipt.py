"""Hand out a leaf with its proof and what is opened of it: ``*.receipt.json``, as verifiers read it."""

import json
from collections.abc import Sequence

from fastapi import FastAPI
from fastapi.responses import Response

from api.problems import Refusal
from api.public_log import PublicLog
from audit.receipt import Opening, Receipt
from audit.sequencer import log_state


def receipt_file(app: FastAPI, receipt: Receipt, openings: Sequence[Opening], *, name: str) -> Response:
    """Return a receipt as a file of this name, with the log's keys.

    Raises:
        Refusal: this application has no log.
    """
    log = public_log(app)
    with log.engine.connect() as conn:
        state = log_state(conn)
    keys = [] if state is None else [str(key.verifier) for key in log.keyring(state.origin).signers()]
    members = receipt.members(openings=openings, keys=keys)
    headers = {
        "Content-Disposition": f'attachment; filename="{name}.receipt.json"',
        "Cache-Control": "no-store",
    }
    return Response(
        json.dumps(members, ensure_ascii=False, indent=1) + "\n", headers=headers, media_type="application/json"
    )


def public_log(app: FastAPI) -> PublicLog:
    """Return the application's log.

    Raises:
        Refusal: it has none.
    """
    found = getattr(app.state, "log", None)
    if not isinstance(found, PublicLog):
        raise Refusal("not_found")
    return found
