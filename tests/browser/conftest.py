import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Browser, sync_playwright

from api.database import make_engine
from api.settings import Settings
from tests.demo_province import Demo
from web.pages import mount

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


class _Server(uvicorn.Server):
    """Uvicorn's, that tells when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.is_listening = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.is_listening.set()


@contextmanager
def serve(app: FastAPI) -> Iterator[str]:
    """Serve an application for as long as the block lasts; gives its address."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = _Server(uvicorn.Config(app, log_level="warning"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    try:
        assert server.is_listening.wait(30)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:  # also after a test that failed: a server left behind keeps the whole run from ending
        server.should_exit = True
        thread.join(30)
        listening.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no Chromium here (on Debian: apt install chromium)")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield launched
        launched.close()


@pytest.fixture(scope="module")
def site(browser: Browser, demo: Demo) -> Iterator[str]:
    """The address of the demo's pages. Asks for the browser first: without one, no demo is built in vain."""
    app = FastAPI()
    engine = make_engine(demo.engine.url.set(drivername="postgresql").render_as_string(hide_password=False), Settings())
    mount(app, engine)
    with serve(app) as address:
        yield address
    engine.dispose()
