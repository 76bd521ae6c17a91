import base64
import json
import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any, Final, Literal

import pytest
from fastapi import FastAPI
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import serve
from tests.receipts import DONOR, INDEX, LOG, ORIGIN, STRANGER, WITNESS, accepted, as_text, policy, proof_of, receipt
from web import verifier

AXE: Final = (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")
RULES: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PHONE, DESK = 360, 1280
HASHES: Final = len(proof_of(receipt()["leaf"].encode()).hashes)

Receipt = dict[str, Any]


@pytest.fixture(scope="module")
def served(browser: Browser) -> Iterator[str]:
    app = FastAPI()
    app.include_router(verifier.make_router())
    with serve(app) as address:
        yield address + verifier.PATH


@pytest.fixture(scope="module", params=["file", "served"])
def address(request: pytest.FixtureRequest, served: str) -> str:
    return verifier.FILE.as_uri() if request.param == "file" else served


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    made = browser.new_page()
    complaints: list[str] = []
    made.on("console", lambda message: complaints.append(message.text))
    made.on("pageerror", lambda error: complaints.append(str(error)))
    yield made
    made.close()
    assert complaints == []


def check(page: Page, text: str, *, trust: str = "", at: str | None = None) -> str:
    """Open the page, give it a receipt and return its verdict."""
    page.goto(at or verifier.FILE.as_uri())
    if trust:
        page.locator("summary").first.click()
        page.get_by_label("Key or policy", exact=False).last.fill(trust)
    page.locator("#text").fill(text)
    page.get_by_role("button", name="Check").click()
    return verdict(page)


def verdict(page: Page) -> str:
    shown = page.locator("[data-verdict]")
    shown.wait_for()
    return str(shown.get_attribute("data-verdict"))


def steps(page: Page, state: str) -> list[str]:
    return [str(step.get_attribute("data-step")) for step in page.locator(f".step.{state}").all()]


def test_a_good_receipt_holds_from_a_file_and_served(page: Page, address: str, tmp_path: Path) -> None:
    saved = tmp_path / "gift.receipt.json"
    saved.write_text(as_text(receipt()), encoding="utf-8")
    page.goto(address)
    page.locator("#file").set_input_files(saved)
    assert verdict(page) == "open"
    expect(page.locator("#status")).to_contain_text("key not compared yet")
    assert steps(page, "good") == ["receipt", "leaf", "inclusion", "openings"]
    assert steps(page, "open") == ["signature", "witnesses"]
    expect(page.locator("[data-step=inclusion]")).to_contain_text(f"number {INDEX} (counted from 0) in a log of 300")
    expect(page.locator("[data-step=signature]")).to_contain_text(f"{ORIGIN}+{LOG.verifier.key_id.hex()}")
    expect(page.locator("[data-step=signature]")).to_contain_text("trust on first sight")


def test_the_entry_is_told_as_people_read_it(page: Page) -> None:
    check(page, as_text(receipt()))
    told = re.sub(r"\s+", " ", page.locator("#result").inner_text())
    # 18:04:05 in UTC is the next morning in Việt Nam.
    for words in ("5/9/2023", "01:04:05 6/9/2023", "PT/2023/17", "1.017", "12.500.000 đ", DONOR, "đợt 1", "household"):
        assert words in told
    for words in ("Being in the log is not completeness", "Still sealed, not opened by this receipt: Recorded by."):
        assert words in told


def test_a_key_from_elsewhere_makes_it_trusted(page: Page) -> None:
    assert check(page, as_text(receipt()), trust=str(LOG.verifier)) == "good"
    expect(page.locator("[data-step=signature]")).to_contain_text("the key that you pasted")
    assert check(page, as_text(receipt()), trust=str(STRANGER.verifier)) == "bad"
    assert steps(page, "bad") == ["signature"]


def test_a_policy_asks_for_its_witnesses(page: Page) -> None:
    assert check(page, as_text(receipt()), trust=policy()) == "good"
    expect(page.locator("[data-step=witnesses]")).to_contain_text("one (witness.example/one) · 18:33:20 6/9/2023")
    assert check(page, as_text(receipt()), trust=policy(quorum="none")) == "good"
    assert check(page, as_text(receipt()), trust=policy(quorum="both")) == "bad"
    assert steps(page, "bad") == ["witnesses"]


@pytest.mark.parametrize(
    "trust",
    [
        "no key",
        str(LOG.verifier).replace("+A", "+B"),
        str(LOG),
        str(WITNESS.verifier),
        policy().replace("quorum one\n", ""),
        policy() + "quorum none\n",
        policy() + f"log {LOG.verifier}\n",
        policy().replace("all one two", "3 one two"),
        policy().replace("all one two", "all one one"),
        policy().replace("all one two", "all one three"),
        policy().replace("group both", "group one"),
        policy().replace("witness one", "log one"),
    ],
)
def test_a_malformed_key_or_policy_is_refused_and_trusts_nothing(page: Page, trust: str) -> None:
    assert check(page, as_text(receipt()), trust=trust) == "bad"
    assert steps(page, "bad") == ["trust"]


@pytest.mark.parametrize(("index", "size"), [(0, 1), (0, 2), (1, 2), (2, 3), (6, 7), (255, 256), (256, 257), (0, 300)])
def test_a_leaf_anywhere_in_a_tree_of_any_shape_is_found(page: Page, index: int, size: int) -> None:
    assert check(page, as_text(receipt(index=index, size=size)), trust=str(LOG.verifier)) == "good"


def test_an_accepted_receipt_says_that_nothing_is_proved_yet(page: Page) -> None:
    assert check(page, as_text(accepted())) == "open"
    expect(page.locator("#status")).to_contain_text("Đã nhận, chưa đánh số")
    assert steps(page, "open") == ["inclusion"]
    altered = accepted()
    altered["openings"][0]["value"] += "."
    assert check(page, as_text(altered)) == "bad"
    assert steps(page, "bad") == ["openings"]


def in_leaf(old: str, new: str) -> Callable[[Receipt], None]:
    return replaced("leaf", old, new)


def in_proof(old: str, new: str) -> Callable[[Receipt], None]:
    return replaced("proof", old, new)


def replaced(member: str, old: str, new: str) -> Callable[[Receipt], None]:
    def change(members: Receipt) -> None:
        assert old in members[member]
        members[member] = members[member].replace(old, new)

    return change


def line_changed(number: int) -> Callable[[Receipt], None]:
    """Change one bit of the base64 that ends a line of the proof, keeping it canonical."""

    def change(members: Receipt) -> None:
        lines = members["proof"].split("\n")
        start, _, encoded = lines[number].rpartition(" ")
        data = bytearray(base64.b64decode(encoded, validate=True))
        data[-1] ^= 1
        lines[number] = f"{start} {base64.b64encode(data).decode()}".removeprefix(" ")
        members["proof"] = "\n".join(lines)

    return change


def hash_loosely_spelled(members: Receipt) -> None:
    lines = members["proof"].split("\n")
    # 32 bytes leave two spare bits in the last letter: the next letter is the same bytes to a careless reader.
    loose = lines[2][:-2] + chr(ord(lines[2][-2]) + 1) + "="
    assert base64.b64decode(loose) == base64.b64decode(lines[2])
    members["proof"] = members["proof"].replace(lines[2], loose)


def opening(**changed: str) -> Callable[[Receipt], None]:
    return lambda members: members["openings"][1].update(changed)


def put(**changed: Any) -> Callable[[Receipt], None]:
    return lambda members: members.update(changed)


ROOT_LINE: Final = 2 + HASHES + 3
TAMPERED: Final[dict[str, tuple[Callable[[Receipt], None], list[str]]]] = {
    "amount": (in_leaf("12500000", "22500000"), ["inclusion"]),
    "amount of one line": (in_leaf(",12500000", ",12500001"), ["inclusion"]),
    "day": (in_leaf("2023-09-05", "2023-09-06"), ["inclusion"]),
    "no such day": (in_leaf('"2023-09-05"', '"2023-02-31"'), ["leaf", "inclusion", "openings"]),
    "space in the leaf": (in_leaf('"v":1', '"v": 1'), ["leaf", "inclusion", "openings"]),
    "key twice in the leaf": (in_leaf('"v":1', '"v":1,"v":1'), ["leaf", "inclusion", "openings"]),
    "typed text in the leaf": (in_leaf("household", "Nguyễn"), ["leaf", "inclusion", "openings"]),
    "float in the leaf": (in_leaf("12500000", "12500000.5"), ["leaf", "inclusion", "openings"]),
    "index": (in_proof(f"index {INDEX}", f"index {INDEX - 1}"), ["inclusion"]),
    "index beyond the size": (in_proof(f"index {INDEX}", "index 300"), ["inclusion"]),
    "index with a zero": (in_proof("index ", "index 0"), ["inclusion", "signature"]),
    "index with a sign": (in_proof("index ", "index +"), ["inclusion", "signature"]),
    "index too large": (in_proof(f"index {INDEX}", f"index {2**63}"), ["inclusion", "signature"]),
    "size": (in_proof("\n300\n", "\n600\n"), ["inclusion", "signature"]),
    "size below the index": (in_proof("\n300\n", "\n200\n"), ["inclusion", "signature"]),
    "size of the same shape": (in_proof("\n300\n", "\n299\n"), ["signature"]),
    "size with a zero": (in_proof("\n300\n", "\n0300\n"), ["inclusion", "signature"]),
    "origin": (in_proof(f"\n{ORIGIN}\n", "\nother.example\n"), ["signature"]),
    "root": (line_changed(ROOT_LINE), ["inclusion", "signature"]),
    "signature": (line_changed(ROOT_LINE + 2), ["signature"]),
    "signature line": (in_proof("— so-quy", "- so-quy"), ["inclusion", "signature"]),
    "hash left out": (lambda members: in_proof(members["proof"].split("\n")[2] + "\n", "")(members), ["inclusion"]),
    "base64 with spare bits": (hash_loosely_spelled, ["inclusion", "signature"]),
    "CRLF": (in_proof("\n", "\r\n"), ["inclusion", "signature"]),
    "tab": (in_proof("index ", "index\t"), ["inclusion", "signature"]),
    "last newline": (lambda members: put(proof=members["proof"][:-1])(members), ["inclusion", "signature"]),
    "proof cut in half": (lambda members: put(proof=members["proof"][:200])(members), ["inclusion", "signature"]),
    "first line": (in_proof("@v1", "@v2"), ["inclusion", "signature"]),
    "value": (opening(value="Người khác"), ["openings"]),
    "salt": (opening(salt="0" * 64), ["openings"]),
    "salt in capitals": (opening(salt="AB" * 32), ["openings"]),
    "field": (opening(field="description"), ["openings"]),
    "field that is none": (opening(field="constructor"), ["openings"]),
    "document that is none": (opening(field="document_1"), ["openings"]),
    "key": (put(keys=[str(STRANGER.verifier)]), ["signature"]),
    "key id": (put(keys=[str(LOG.verifier).replace("+", "+0", 1)]), ["signature"]),
    "no key": (put(keys=[]), ["signature"]),
    "witness's key": (put(keys=[str(WITNESS.verifier)]), ["signature"]),
    "format": (put(format="other"), ["receipt"]),
    "version": (put(v=2), ["receipt"]),
    "status": (put(status="accepted"), ["receipt"]),
    "unknown member": (put(more=1), ["receipt"]),
    "leaf that is no text": (put(leaf={}), ["receipt"]),
    **{f"hash {at}": (line_changed(2 + at), ["inclusion"]) for at in range(HASHES)},
}


@pytest.mark.parametrize(("change", "wrong"), TAMPERED.values(), ids=TAMPERED.keys())
def test_a_tampered_receipt_is_refused_by_the_step_it_breaks(
    page: Page, change: Callable[[Receipt], None], wrong: list[str]
) -> None:
    members = deepcopy(receipt())
    change(members)
    assert check(page, as_text(members)) == "bad"
    assert steps(page, "bad") == wrong
    # Readable figures would be believed whatever stands above them.
    expect(page.get_by_text("What the entry says")).to_have_count(0)


def test_a_witness_that_signed_something_else_is_refused(page: Page) -> None:
    members = receipt()
    line_changed(ROOT_LINE + 3)(members)
    assert check(page, as_text(members)) == "open"
    assert check(page, as_text(members), trust=policy(quorum="none")) == "bad"
    assert steps(page, "bad") == ["witnesses"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[]",
        "null",
        as_text(receipt())[:-2],
        as_text(receipt()).replace('"v": 1', '"v": 2, "v": 1'),
        " " * 1_000_001,
    ],
    ids=["empty", "no member", "array", "null", "cut off", "key twice", "too large"],
)
def test_what_is_no_receipt_is_refused_at_once(page: Page, text: str) -> None:
    assert check(page, text) == "bad"
    assert steps(page, "bad") == ["receipt"]


@pytest.mark.parametrize("data", [b"\xff", b"\xef\xbb\xbf{}", b" " * 1_000_001], ids=["not UTF-8", "mark", "too large"])
def test_a_file_that_is_no_text_is_refused(page: Page, data: bytes) -> None:
    page.goto(verifier.FILE.as_uri())
    page.locator("#file").set_input_files({"name": "a.receipt.json", "mimeType": "application/json", "buffer": data})
    assert verdict(page) == "bad"


def test_markup_in_a_receipt_stays_text(page: Page) -> None:
    members = receipt()
    members["keys"].append("<img src=x onerror=alert(1)>")
    members["openings"][0]["field"] = "<b>"
    check(page, as_text(members))
    assert page.locator("img, b").count() == 0


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("Object.defineProperty(crypto, 'subtle', {value: undefined})", "does not let this page use WebCrypto"),
        (
            (
                "const known = crypto.subtle.importKey.bind(crypto.subtle);"
                "crypto.subtle.importKey = (form, key, kind, ...more) => kind.name === 'Ed25519'"
                " ? Promise.reject(new DOMException('', 'NotSupportedError')) : known(form, key, kind, ...more)"
            ),
            "cannot check the signature",
        ),
    ],
    ids=["no WebCrypto", "no Ed25519"],
)
def test_a_browser_that_cannot_check_says_so_and_claims_nothing(page: Page, script: str, words: str) -> None:
    page.add_init_script(script)
    assert check(page, as_text(receipt()), trust=str(LOG.verifier)) == "open"
    expect(page.locator("#status")).to_contain_text(words)
    assert "signature" not in steps(page, "good")


def test_nothing_leaves_the_page(browser: Browser, address: str) -> None:
    page = browser.new_page()
    asked: list[str] = []
    finished: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("requestfinished", lambda request: finished.append(request.url))
    check(page, as_text(receipt()), trust=policy(), at=address)
    assert asked == [address]
    # Nor could a script that got in: the policy stops every way out that a page has.
    blocked = page.evaluate(
        """async () => {
          const found = new Set();
          const told = new Promise(resolve => document.addEventListener("securitypolicyviolation", event => {
            found.add(event.effectiveDirective);
            if (found.size === 3) resolve();
          }));
          await fetch("https://example.invalid/").catch(() => {});
          document.body.append(Object.assign(new Image(), { src: "https://example.invalid/a.png" }));
          document.body.append(Object.assign(document.createElement("script"), { textContent: "window.ran = 1" }));
          await told;
          return [[...found].sort(), window.ran];
        }"""
    )
    assert blocked == [["connect-src", "img-src", "script-src-elem"], None]
    assert finished == [address]
    page.close()


def test_it_works_with_the_network_off(browser: Browser, served: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(served)
    context.set_offline(True)
    page.locator("#text").fill(as_text(receipt()))
    page.get_by_role("button", name="Check").click()
    assert verdict(page) == "open"
    assert steps(page, "bad") == []
    context.close()


def test_the_page_can_be_kept_as_it_is(page: Page, served: str) -> None:
    page.goto(served)
    with page.expect_download() as found:
        page.get_by_role("link", name="Download this page").click()
    assert found.value.suggested_filename == "soquy-verify.html"
    assert Path(found.value.path()).read_bytes() == verifier.FILE.read_bytes()
    page.goto(verifier.FILE.as_uri())
    expect(page.locator("#download")).to_be_hidden()


def test_the_keyboard_alone_checks_a_receipt(page: Page) -> None:
    page.goto(verifier.FILE.as_uri())
    page.locator("#text").fill(as_text(receipt()))
    page.locator("#text").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type(str(LOG.verifier))
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert verdict(page) == "good"
    expect(page.get_by_role("status")).to_contain_text("Biên nhận đúng")


def test_a_dropped_file_is_checked_wherever_it_falls(page: Page) -> None:
    page.goto(verifier.FILE.as_uri())
    page.evaluate(
        """text => {
          const dataTransfer = new DataTransfer();
          dataTransfer.items.add(new File([text], "gift.receipt.json"));
          document.body.dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }));
        }""",
        as_text(receipt()),
    )
    assert verdict(page) == "open"


@pytest.mark.parametrize(("width", "scheme"), [(PHONE, "light"), (DESK, "dark"), (PHONE, "dark"), (DESK, "light")])
def test_it_is_accessible_and_fits_the_screen(browser: Browser, width: int, scheme: Literal["light", "dark"]) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    wrong = receipt()
    TAMPERED["root"][0](wrong)
    for text, trust in ((as_text(receipt()), policy()), (as_text(accepted()), ""), (as_text(wrong), "")):
        check(page, text, trust=trust)
        page.evaluate(AXE)
        found = page.evaluate(
            "tags => axe.run({runOnly: {type: 'tag', values: tags}, resultTypes: ['violations']})", RULES
        )
        assert [(each["id"], each["nodes"][0]["html"][:200]) for each in found["violations"]] == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        for table in page.locator(".scroll").all():
            assert table.evaluate("it => it.scrollWidth <= it.clientWidth")
    context.close()


def test_it_reads_the_leaves_that_our_own_reader_reads_and_no_others(page: Page) -> None:
    page.goto(verifier.FILE.as_uri())
    reads = """text => {
      try { parseLeaf(text); return true; } catch (error) { if (error instanceof Fault) return false; throw error; }
    }"""
    vectors = Path(__file__).parents[1] / "vectors" / "leaf"
    for path in vectors.glob("*_*.json"):
        assert page.evaluate(reads, bytes.fromhex(json.loads(path.read_text(encoding="utf-8"))["bytes"]).decode()), path
    refused = [each for each in json.loads((vectors / "refused.json").read_text(encoding="utf-8")) if "text" in each]
    assert len(refused) > 20
    assert [each for each in refused if page.evaluate(reads, each["text"])] == []
