"""The service's log: one JSON line an event, on standard error.

Lines hold ids, counts, times and codes; never a name, an amount, a body or a query string. Whoever logs passes facts
by name, and there is no free text to put one into.
"""

import logging
import sys
from typing import Final

import structlog

_LEVELS: Final = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}


def configure(level: str) -> None:
    """Write JSON lines from this level up; the server's own messages come along as events."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[level]),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    root.handlers = [_ToStructlog()]
    root.setLevel(max(_LEVELS[level], logging.WARNING))


class _ToStructlog(logging.Handler):
    """Pass on what libraries log: who said it and how loud, and the text only of those known to say nothing of people.

    The text of a traceback may quote what somebody typed.
    """

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line."""
        error = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else None
        text = record.getMessage() if record.name.startswith("uvicorn") and error is None else None
        structlog.get_logger(record.name).log(record.levelno, "library", logger=record.name, text=text, error=error)
