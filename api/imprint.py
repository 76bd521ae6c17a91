"""What this deployment's papers carry of it, from the settings and the log's keys."""

from fastapi import FastAPI

from api.public_log import PublicLog
from api.settings import Settings
from audit.sequencer import log_state
from ledger.papers.imprint import Imprint
from ledger.words import Spelling


def imprint_of(app: FastAPI) -> Imprint:
    """Return the imprint of papers that are printed now.

    ``app.state.public_url`` stands in where the settings have no address: a demo's own.
    """
    settings: Settings = app.state.settings
    return Imprint(
        public_url=settings.public_url or getattr(app.state, "public_url", None),
        log_key=_log_key(getattr(app.state, "log", None)),
        spelling=Spelling(nought_tens=settings.words_nought_tens, thousand=settings.words_thousand),
    )


def _log_key(log: PublicLog | None) -> str | None:
    """Return name and hash of the key that signs the log, as its notes have them; none before there is one."""
    if log is None:
        return None
    with log.engine.connect() as conn:
        state = log_state(conn)
    signers = [] if state is None else log.keyring(state.origin).signers()
    return "+".join(str(signers[0].verifier).split("+")[:2]) if signers else None
