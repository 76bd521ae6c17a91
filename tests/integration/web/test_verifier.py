import base64
import hashlib
import re

from fastapi import FastAPI
from fastapi.testclient import TestClient

from web import verifier


def client() -> TestClient:
    app = FastAPI()
    app.include_router(verifier.make_router())
    return TestClient(app)


def test_the_file_allows_exactly_its_own_script_and_style() -> None:
    page = verifier.FILE.read_bytes().decode()
    promise = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', page)
    assert promise is not None
    hashes = {}
    for tag in ("script", "style"):
        (inside,) = re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        hashes[tag] = base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()
    assert promise[1] == (
        f"default-src 'none'; script-src 'sha256-{hashes['script']}'; style-src 'sha256-{hashes['style']}'; "
        "base-uri 'none'; form-action 'none'"
    )
    assert page.index(promise[0]) < page.index("<style>") < page.index("<script>")


def test_the_file_names_no_other_place() -> None:
    page = verifier.FILE.read_text(encoding="utf-8")
    assert (
        re.findall(r"(?:src|srcset|action|data)=\"|url\(|@import|\bon[a-z]+=\"|\bstyle=\"|https?://[a-z]", page) == []
    )
    assert re.findall(r'href="([^"]*)"', page) == ["?download=1"]
    assert not re.search(
        r"\b(?:fetch|XMLHttpRequest|WebSocket|sendBeacon|localStorage|innerHTML|eval|import)\b\s*[(.=]", page
    )


def test_it_is_served_under_the_policy_that_it_carries() -> None:
    answer = client().get("/verify.html")
    assert answer.status_code == 200
    assert answer.content == verifier.FILE.read_bytes()
    policy = answer.headers["content-security-policy"]
    assert policy.removesuffix("; frame-ancestors 'none'") in answer.text
    assert policy.endswith("; frame-ancestors 'none'")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "content-disposition" not in answer.headers


def test_it_can_be_downloaded_as_it_is() -> None:
    answer = client().get("/verify.html?download=1")
    assert answer.headers["content-disposition"] == 'attachment; filename="soquy-verify.html"'
    assert answer.content == verifier.FILE.read_bytes()
