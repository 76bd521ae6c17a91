"""Number and publish beside the service: a thread of it, or the process of ``soquy log publish --follow``.

Requests never wait for it, and it survives whatever the database or a witness does: it says what went wrong and tries
again. Several of them may run; the database lets one work at a time.
"""

import threading
import time
from datetime import timedelta
from typing import Final

import structlog

from api.public_log import PublicLog
from audit.policy import PolicyError
from audit.publisher import LogHeld, PublisherBusy, PublishingRefused
from audit.sequencer import log_state, number_leaves

PAUSE_SECONDS_MAX: Final = 60.0
"""Between tries while something is wrong."""

_log: Final = structlog.get_logger("soquy.log")


class LogWorker:
    """Numbers what waits every second, and publishes a grown tree every ten, by default."""

    def __init__(self, log: PublicLog, *, lag: timedelta | None = None) -> None:
        self._log = log
        self._publisher = log.publisher(lag=lag)
        self._leaving = threading.Event()
        self._thread = threading.Thread(target=self.run, name="public-log", daemon=True)
        self.trouble: str | None = None

    def start(self) -> None:
        """Work in a thread until ``stop``."""
        self._thread.start()

    def leave(self) -> None:
        """Leave after the step under way, without waiting for it."""
        self._leaving.set()

    def stop(self) -> None:
        """Leave, and wait until it is done."""
        self.leave()
        if self._thread.is_alive():
            self._thread.join()

    def run(self) -> None:
        """Work until ``stop``; the first thing is to hold what was published against the database."""
        settings = self._log.settings
        pause = settings.log_numbering_seconds
        published_at = float("-inf")
        while True:
            try:
                if time.monotonic() - published_at >= settings.log_checkpoint_seconds:
                    self._publish()
                    published_at = time.monotonic()
                else:
                    self._number()
                pause, self.trouble = settings.log_numbering_seconds, None
            except PublisherBusy:
                published_at = time.monotonic()
            except Exception as error:  # noqa: BLE001 - whatever it is, publishing is tried again and never ends for good
                self._complain(error)
                published_at = float("-inf")
                pause = min(pause * 2, PAUSE_SECONDS_MAX)
            if self._leaving.wait(pause):
                return

    def _publish(self) -> None:
        published = self._publisher.publish()
        if published.is_new and published.checkpoint is not None:
            _log.info("log_published", size=published.checkpoint.size, disclosed=published.disclosed_size)

    def _number(self) -> None:
        with self._log.engine.begin() as conn:
            state = log_state(conn)
            if state is None:
                return
            if state.held_because is not None:
                raise LogHeld(state.held_because)
            if self._log.published_size() <= state.size:  # or the next publishing finds this database behind
                number_leaves(conn)

    def _complain(self, error: Exception) -> None:
        """Say each trouble once, not every second of it; an error's text may quote what nobody should read."""
        code = getattr(error, "code", None) if isinstance(error, PublishingRefused | PolicyError) else None
        trouble = code if isinstance(code, str) else type(error).__name__
        if trouble != self.trouble:
            _log.error("log_not_published", code=trouble)
        self.trouble = trouble
