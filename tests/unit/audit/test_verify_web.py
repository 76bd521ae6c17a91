import http.server
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from audit import scan, source
from audit.finding import AuditStopped, Tampered, Unusable
from audit.log_audit import Report, audit_log
from audit.source import open_source
from audit.trust import Named
from tests.log_folder import SIGNER, a_ledger, export_files, trial_balances

KEY = Named(keys=(SIGNER.verifier,))
LEAVES = a_ledger(600).leaves
LATER = a_ledger(640).leaves


@dataclass
class Site:
    """Answers by path; each path may first answer otherwise, as often as it is told."""

    answers: dict[str, bytes]
    before: dict[str, list[tuple[int, dict[str, str], bytes]]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    connection_count: int = 0
    url: str = ""


def handler_of(site: Site) -> type[http.server.BaseHTTPRequestHandler]:
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            site.connection_count += 1
            super().setup()

        def do_GET(self) -> None:
            site.asked.append(self.path)
            if site.before.get(self.path):
                status, headers, body = site.before[self.path].pop(0)
            else:
                found = site.answers.get(self.path)
                status, headers, body = (404, {}, b"no") if found is None else (200, {}, found)
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)
            self.close_connection = "X-Close" in headers

        def log_message(self, *_: Any) -> None:
            pass

    return Handler


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: Any) -> None:
        """Say nothing of connections that the auditor breaks off."""


@contextmanager
def serving(site: Site) -> Iterator[Site]:
    with Server(("127.0.0.1", 0), handler_of(site)) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        site.url = f"http://127.0.0.1:{server.server_port}"
        try:
            yield site
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def site() -> Iterator[Site]:
    files = export_files(LEAVES)
    answers = {f"/log/{path}": data for path, data in files.items() if path not in {"policy", "trial-balances.jsonl"}}
    answers["/v1/public/trial-balances"] = files["trial-balances.jsonl"]
    with serving(Site(answers)) as running:
        yield running


@pytest.fixture
def audit(site: Site, tmp_path: Path) -> Callable[..., Report]:
    def run(url: str = "", **more: Any) -> Report:
        found = open_source(site.url + url)
        try:
            return audit_log(found, KEY, state=tmp_path / "state", **more)
        finally:
            assert isinstance(found, source.Web)
            found.close()

    return run


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    waited: list[float] = []
    monkeypatch.setattr("audit.source.time.sleep", waited.append)
    return waited


@pytest.mark.parametrize("url", ["", "/", "/log", "/log/"])
def test_a_service_is_audited_at_its_address_or_its_logs(audit: Callable[..., Report], site: Site, url: str) -> None:
    report = audit(url)
    assert (report.leaf_count, report.replayed_size) == (600, 600)
    assert site.connection_count <= 1 + scan.REQUESTS_AT_ONCE


def test_a_mirror_of_an_export_is_audited_too(audit: Callable[..., Report], site: Site) -> None:
    site.answers = {f"/mirror/{path}": data for path, data in export_files(LEAVES).items()}
    assert audit("/mirror").account_count is not None


def test_the_balances_as_of_the_checkpoint_are_asked_for(audit: Callable[..., Report], site: Site) -> None:
    site.answers["/v1/public/trial-balances?known_at=600"] = site.answers["/v1/public/trial-balances"]
    site.answers["/v1/public/trial-balances"] = trial_balances(LATER)
    assert audit().replayed_size == 600


@pytest.mark.parametrize("covered", [256, 512])
def test_where_leaves_are_held_back_the_balances_that_the_others_give_are_asked_for(
    audit: Callable[..., Report], site: Site, covered: int
) -> None:
    for path in [path for path in site.answers if "entries" in path]:
        if int(path.rpartition("entries/")[2][:3]) * 256 >= covered:
            del site.answers[path]
    site.answers[f"/v1/public/trial-balances?known_at={covered}"] = trial_balances(LEAVES[:covered])
    report = audit()
    assert (report.hash_count, report.leaf_count, report.replayed_size) == (600, covered, covered)
    (said,) = [each for each in report.remarks if each.code == "replayed_partly"]
    assert said.fields == {"known": covered, "size": 600}


def test_where_no_leaf_is_public_nothing_is_called_right(audit: Callable[..., Report], site: Site) -> None:
    """Figures of no leaf at all agree with everything."""
    for path in [path for path in site.answers if "entries" in path]:
        del site.answers[path]
    site.answers["/v1/public/trial-balances?known_at=0"] = trial_balances(())
    with pytest.raises(Unusable) as stopped:
        audit()
    assert stopped.value.finding.code == "nothing_replayed"


def test_a_busy_server_is_asked_again(audit: Callable[..., Report], site: Site, no_waiting: list[float]) -> None:
    site.before = {
        "/log/tile/0/001": [(503, {"Retry-After": "2"}, b""), (503, {"Retry-After": "7000"}, b"")],
        "/v1/public/trial-balances": [(502, {}, b"")],
    }
    assert audit().leaf_count == 600
    assert no_waiting == [0.25, 2.0, 10.0]


def test_a_broken_connection_is_opened_again(audit: Callable[..., Report], site: Site) -> None:
    short = (200, {"Content-Length": "8192", "X-Close": "1"}, b"half")
    site.before = {"/log/tile/0/001": [short], "/v1/public/trial-balances": [short]}
    assert audit().leaf_count == 600


def test_a_server_that_stays_busy_is_unusable(audit: Callable[..., Report], site: Site) -> None:
    site.before = {"/log/tile/0/001": [(503, {}, b"")] * 9}
    with pytest.raises(Unusable) as caught:
        audit()
    assert caught.value.code == "source_unreachable"
    assert caught.value.finding.where.endswith("/log/tile/0/001")


def test_a_redirect_is_followed_on_the_same_host_only(audit: Callable[..., Report], site: Site) -> None:
    site.answers["/there"] = site.answers["/log/tile/0/001"]
    site.before = {"/log/tile/0/001": [(302, {"Location": "/there"}, b"")]}
    assert audit().leaf_count == 600
    for location, code in (
        ("http://elsewhere.example/x", "source_redirected_elsewhere"),
        ("file:///etc/passwd", "source_redirected_elsewhere"),
        ("/log/tile/0/001", "source_redirects"),
    ):
        site.before = {"/log/tile/0/001": [(302, {"Location": location}, b"")] * 9}
        with pytest.raises(Unusable) as caught:
            audit()
        assert caught.value.code == code


def test_a_file_larger_than_it_may_be_is_not_read_to_its_end(audit: Callable[..., Report], site: Site) -> None:
    site.answers["/log/tile/0/001"] += b"x" * 1_000_000
    with pytest.raises(Tampered) as caught:
        audit()
    assert caught.value.code == "tile_size"


def test_what_the_server_does_not_have_is_named(audit: Callable[..., Report], site: Site) -> None:
    site.before = {"/log/tile/0/001": [(403, {}, b"")]}
    with pytest.raises(Unusable) as caught:
        audit()
    assert (caught.value.code, caught.value.finding.fields["status"]) == ("source_refused", 403)
    del site.answers["/v1/public/trial-balances"]
    with pytest.raises(Unusable) as caught:
        audit()
    assert caught.value.code == "balances_missing"
    assert audit(log_only=True).leaf_count == 600


def test_a_partial_tile_that_has_grown_full_meanwhile_is_read_from_the_full_one(
    audit: Callable[..., Report], site: Site
) -> None:
    grown = export_files(a_ledger(600, book_count=3).leaves + a_ledger(200, book_count=3).leaves)
    for kind in ("0", "entries"):
        del site.answers[f"/log/tile/{kind}/002.p/88"]
        site.answers[f"/log/tile/{kind}/002"] = grown[f"tile/{kind}/002"]
    assert audit().leaf_count == 600


def test_no_log_at_an_address_is_said(site: Site) -> None:
    for url in (f"{site.url}/nothing", "http://", "http://user:secret@127.0.0.1/"):
        with pytest.raises(AuditStopped) as caught:
            open_source(url)
        assert isinstance(caught.value, Unusable)
