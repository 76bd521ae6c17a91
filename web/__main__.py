"""Start ``soquy`` with its pages: the one place that puts the commands below and the pages above together."""

import sys

from fastapi import FastAPI
from sqlalchemy import Engine

from api import app as api
from api import cli
from api.settings import Settings
from web import pages


def create_app(settings: Settings, engine: Engine) -> FastAPI:
    """Make the whole application: the API, and the pages beside it."""
    app = api.create_app(settings, engine)
    pages.mount(app, engine)
    return app


def main() -> int:
    """Run the command that was asked for."""
    return cli.main(sys.argv[1:], app_maker=create_app)


if __name__ == "__main__":
    sys.exit(main())
