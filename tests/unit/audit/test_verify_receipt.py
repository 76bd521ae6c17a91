import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit import verify
from audit.commitment import commit
from audit.finding import AuditStopped, Tampered, Unusable
from audit.proof import Proof
from audit.receipt_audit import ReceiptReport, audit_receipt
from audit.trust import EXPORT, Named
from tests.log_folder import (
    OTHER_SIGNER,
    SIGNER,
    Ledger,
    a_checkpoint,
    a_ledger,
    export_files,
    inclusion_proof,
    type_id,
    write_files,
)

KEY = Named(keys=(SIGNER.verifier,))
SALT = b"\x09" * 32
EVENT = type_id("en", 77)


def a_log() -> Ledger:
    ledger = a_ledger(40)
    ledger.entry(0, event_id=EVENT, private={"description": commit(SALT, EVENT, "description", "Ủng hộ quỹ")})
    ledger.entry(1)
    return ledger


def a_receipt(**changed: Any) -> dict[str, Any]:
    leaves = a_log().leaves
    proof = Proof(40, inclusion_proof(leaves, 40), a_checkpoint(leaves))
    receipt = {
        "format": "soquy-receipt",
        "v": 1,
        "status": "published",
        "leaf": leaves[40].decode(),
        "proof": proof.encode().decode(),
        "openings": [{"field": "description", "value": "Ủng hộ quỹ", "salt": SALT.hex()}],
        "keys": [str(SIGNER.verifier)],
    }
    return receipt | changed


@pytest.fixture
def audit(tmp_path: Path) -> Callable[..., ReceiptReport]:
    def run(receipt: dict[str, Any], named: Named = KEY) -> ReceiptReport:
        data = json.dumps(receipt).encode()
        return audit_receipt(data, named, state=tmp_path / "state", where="receipt.json")

    return run


def test_a_receipt_proves_its_leaf_and_opens_what_it_commits_to(audit: Callable[..., ReceiptReport]) -> None:
    report = audit(a_receipt())
    assert (report.index, report.opened.checkpoint.size, report.leaf.event_id) == (40, 42, EVENT)
    assert report.openings == (("description", "Ủng hộ quỹ"),)
    assert report.remarks == []


def test_keys_from_the_receipt_itself_are_said_to_be_so(audit: Callable[..., ReceiptReport]) -> None:
    report = audit(a_receipt(), Named())
    assert report.opened.trust.origin_of_keys == EXPORT
    assert [remark.code for remark in report.remarks] == ["keys_from_export"]


def test_a_receipt_without_a_proof_yet_says_nothing(audit: Callable[..., ReceiptReport]) -> None:
    with pytest.raises(Unusable) as caught:
        audit(a_receipt(status="accepted", proof=None))
    assert caught.value.code == "receipt_unproved"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"openings": [{"field": "description", "value": "Quỹ khác", "salt": SALT.hex()}]}, "opening_refused"),
        ({"openings": [{"field": "actor", "value": "x", "salt": SALT.hex()}]}, "opening_refused"),
        ({"openings": [{"field": "document_0", "value": "x", "salt": SALT.hex()}]}, "opening_refused"),
        ({"openings": [{"field": "no|field", "value": "x", "salt": SALT.hex()}]}, "opening_refused"),
        ({"leaf": a_log().leaves[39].decode(), "openings": []}, "proof_refused"),
        ({"leaf": a_log().leaves[40].decode() + " "}, "leaf_malformed"),
        ({"proof": "c2sp.org/tlog-proof@v2\n"}, "proof_refused"),
        ({"proof": a_receipt()["proof"].replace("index 40", "index 41")}, "proof_refused"),
        ({"proof": a_receipt()["proof"].replace("\n42\n", "\n43\n")}, "checkpoint_refused"),
    ],
)
def test_what_was_changed_is_refused(audit: Callable[..., ReceiptReport], changed: dict[str, Any], code: str) -> None:
    with pytest.raises(Tampered) as caught:
        audit(a_receipt(**changed))
    assert caught.value.code == code


@pytest.mark.parametrize(
    "changed",
    [
        {"v": 2},
        {"format": "x"},
        {"leaf": 5},
        {"leaf": "é"},
        {"openings": [{"field": "a"}]},
        {"keys": ["x"]},
        {"keys": 1},
    ],
)
def test_what_is_no_receipt_is_said_to_be_none(audit: Callable[..., ReceiptReport], changed: dict[str, Any]) -> None:
    with pytest.raises(Unusable):
        audit(a_receipt(**changed))


def test_a_receipt_from_another_history_of_the_same_size_is_a_fork(audit: Callable[..., ReceiptReport]) -> None:
    audit(a_receipt())
    leaves = [a_log().leaves[40], *a_log().leaves[1:]]
    proof = Proof(0, inclusion_proof(leaves, 0), a_checkpoint(leaves))
    with pytest.raises(Tampered) as caught:
        audit(a_receipt(proof=proof.encode().decode()))
    assert caught.value.code == "log_forked"


def test_a_log_is_held_against_the_receipts_seen_before(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    state = str(tmp_path / "state")
    receipt = tmp_path / "gift.receipt.json"
    receipt.write_text(json.dumps(a_receipt()), encoding="utf-8")
    assert verify.main([str(receipt), "--state", state]) == 0
    grown = a_log()
    grown.entry(2)
    folder = write_files(tmp_path / "export", export_files(grown.leaves))
    assert verify.main([str(folder), "--state", state]) == 0
    other = write_files(tmp_path / "other", export_files(a_ledger(60, book_count=4).leaves))
    assert verify.main([str(other), "--state", state]) == 1
    assert "log_forked" in capsys.readouterr().err


def test_another_keys_receipt_is_refused(audit: Callable[..., ReceiptReport]) -> None:
    leaves = a_log().leaves
    proof = Proof(40, inclusion_proof(leaves, 40), a_checkpoint(leaves, signer=OTHER_SIGNER))
    with pytest.raises(Tampered):
        audit(a_receipt(proof=proof.encode().decode()))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_flipped_bit_of_what_is_proved_is_found(tmp_path: Path, data: st.DataObject) -> None:
    receipt = a_receipt()
    # A cosignature of a witness whom nobody named proves nothing, so it is left out.
    leaves = a_log().leaves
    proof = Proof(40, inclusion_proof(leaves, 40), a_checkpoint(leaves, witnesses=()))
    receipt["proof"] = proof.encode().decode()
    name = data.draw(st.sampled_from(["leaf", "proof"]))
    raw = bytearray(receipt[name].encode())
    bit = data.draw(st.integers(0, len(raw) * 8 - 1))
    raw[bit // 8] ^= 1 << bit % 8
    receipt[name] = raw.decode("latin-1")
    with pytest.raises(AuditStopped):
        audit_receipt(json.dumps(receipt).encode(), KEY, state=tmp_path / "state", where="receipt")
