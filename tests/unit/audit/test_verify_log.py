from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from audit import scan
from audit.checkpoint import Checkpoint
from audit.finding import AuditStopped, Tampered, Unusable
from audit.log_audit import Report, audit_log
from audit.merkle import leaf_hash, root_of
from audit.note import SignedNote
from audit.source import open_source
from audit.tiles import encode_bundle, tiles_of
from audit.trust import EXPORT, GIVEN, REMEMBERED, Named, read_policy
from audit.wording import TEXTS, word
from tests.log_folder import (
    ORIGIN,
    OTHER_SIGNER,
    SIGNER,
    WITNESSES,
    Ledger,
    a_checkpoint,
    a_ledger,
    association,
    export_files,
    tile_bytes,
    tree_files,
    type_id,
    write_files,
)

Files = dict[str, bytes]
KEY = Named(keys=(SIGNER.verifier,))
POLICY = Named(policy=read_policy(export_files([])["policy"], "policy"))


@pytest.fixture
def audit(tmp_path: Path) -> Callable[..., Report]:
    """Audit the files of an export in a new folder; what is remembered stays from one audit to the next."""
    made = 0

    def run(files: Files, named: Named = KEY, *, log_only: bool = False) -> Report:
        nonlocal made
        made += 1
        folder = write_files(tmp_path / f"export{made}", files)
        return audit_log(open_source(str(folder)), named, state=tmp_path / "state", log_only=log_only)

    return run


def refused(audit: Callable[..., Report], files: Files, named: Named = KEY, **more: Any) -> AuditStopped:
    with pytest.raises(AuditStopped) as caught:
        audit(files, named, **more)
    assert word(caught.value.finding).startswith(f"[{caught.value.code}] {caught.value.finding.where}: ")
    return caught.value


def flipped(data: bytes, bit: int) -> bytes:
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


@pytest.mark.parametrize("size", [0, 1, 2, 255, 256, 257, 511, 512, 513, 1000])
def test_an_untouched_export_of_any_size_is_right(audit: Callable[..., Report], size: int) -> None:
    leaves = a_ledger(size).leaves
    report = audit(export_files(leaves), POLICY)
    assert (report.opened.checkpoint.size, report.leaf_count, report.replayed_size) == (size, size, size)
    assert report.debit_minor == report.credit_minor
    assert report.opened.witnesses == ("w0", "w1")
    assert report.remarks == []


def test_what_was_checked_is_told_in_figures(audit: Callable[..., Report]) -> None:
    ledger = Ledger()
    ledger.entry(0)
    ledger.entry(1, [["1121", "QC", 7], ["1111", "QC", -7]])
    ledger.add("fund.opened", association(0), {"fund": "QC"})
    report = audit(export_files(ledger.leaves))
    assert (report.book_count, report.entry_count, report.account_count) == (2, 2, 4)
    assert (report.debit_minor, report.credit_minor) == (500_007, 500_007)
    assert report.opened.trust.origin_of_keys == GIVEN


def test_leaves_that_are_held_back_are_checked_as_hashes_alone(audit: Callable[..., Report]) -> None:
    report = audit(export_files(a_ledger(1000).leaves, known=700))
    assert (report.hash_count, report.leaf_count, report.replayed_size) == (1000, 700, 700)


def test_a_folder_may_keep_the_log_below_it(tmp_path: Path) -> None:
    files = export_files(a_ledger(10).leaves)
    outside = {"trial-balances.jsonl": files.pop("trial-balances.jsonl")}
    write_files(tmp_path / "log", files)
    write_files(tmp_path, outside)
    report = audit_log(open_source(str(tmp_path)), Named(), state=tmp_path / "state.jsonl")
    assert report.opened.trust.origin_of_keys == EXPORT
    assert [remark.code for remark in report.remarks] == ["keys_from_export"]


# Files: what is missing, changed, swapped.


def test_every_missing_file_is_named(audit: Callable[..., Report]) -> None:
    files = export_files(a_ledger(600).leaves)
    for path in files.keys() - {"checkpoint", "policy"}:
        stopped = refused(audit, {name: data for name, data in files.items() if name != path})
        assert isinstance(stopped, Unusable)
        assert stopped.finding.where == path


def test_without_trial_balances_the_log_alone_can_be_asked_for(audit: Callable[..., Report]) -> None:
    files = export_files(a_ledger(600).leaves, known=300)
    del files["trial-balances.jsonl"]
    assert refused(audit, files).code == "balances_missing"
    report = audit(files, log_only=True)
    assert report.account_count is None
    assert report.replayed_size == 256  # the bundle that ends at 300 is none of a tree of 600
    assert report.hash_count == 600


def test_every_truncated_file_is_named(audit: Callable[..., Report]) -> None:
    files = export_files(a_ledger(600).leaves)
    for path in files.keys() - {"policy"}:
        stopped = refused(audit, {**files, path: files[path][:-1]}, POLICY)
        assert isinstance(stopped, Tampered)
        assert stopped.finding.where.startswith(path)


def test_every_file_with_a_byte_too_many_is_named(audit: Callable[..., Report]) -> None:
    files = export_files(a_ledger(600).leaves)
    for path in files.keys() - {"policy"}:
        stopped = refused(audit, {**files, path: files[path] + b"\n"}, POLICY)
        assert stopped.finding.where.startswith(path)


def test_a_changed_leaf_is_named_by_its_index(audit: Callable[..., Report]) -> None:
    ledger = a_ledger(600)
    files = export_files(ledger.leaves)
    changed = list(ledger.leaves[256:512])
    changed[44] = changed[44].replace(b'"v":1', b'"v":2')
    stopped = refused(audit, {**files, "tile/entries/001": encode_bundle(changed)})
    assert (stopped.code, stopped.finding.where) == ("leaf_hash", "leaf 300")


def test_a_changed_hash_is_named_by_tile_and_place_at_every_level(audit: Callable[..., Report]) -> None:
    files = export_files(a_ledger(600).leaves)
    for path, place in (("tile/0/001", 7), ("tile/0/002.p/88", 87), ("tile/1/000.p/2", 1)):
        stopped = refused(audit, {**files, path: flipped(files[path], place * 256 + 3)})
        assert (stopped.code, stopped.finding.where) == ("tile_hash", path)
        assert stopped.finding.fields["hash"] == place


def test_a_leaf_changed_together_with_its_tile_is_named_by_both(audit: Callable[..., Report]) -> None:
    ledger = a_ledger(600)
    other = [*ledger.leaves[:10], ledger.leaves[11], *ledger.leaves[11:]]
    files, changed = export_files(ledger.leaves), tree_files(other)
    one = {path: changed[path] for path in ("tile/0/000", "tile/entries/000")}
    stopped = refused(audit, {**files, **one})
    assert (stopped.code, stopped.finding.where) == ("tile_not_signed_leaves", "tile/0/000")
    assert stopped.finding.fields["last"] == 255


def test_swapped_tiles_are_named(audit: Callable[..., Report]) -> None:
    files = export_files(a_ledger(600).leaves)
    swapped = {"tile/0/000": files["tile/0/001"], "tile/0/001": files["tile/0/000"]}
    assert refused(audit, {**files, **swapped}).finding.where == "tile/0/000"
    bundles = {"tile/entries/000": files["tile/entries/001"], "tile/entries/001": files["tile/entries/000"]}
    assert refused(audit, {**files, **bundles}).finding.where == "leaf 0"


def test_another_logs_tiles_under_the_same_checkpoint_are_refused(audit: Callable[..., Report]) -> None:
    files = export_files(a_ledger(600).leaves)
    stopped = refused(audit, {**files, **tree_files(a_ledger(600, book_count=4).leaves)})
    assert (stopped.code, stopped.finding.where) == ("root_mismatch", "checkpoint")


def test_superseded_files_have_to_agree(audit: Callable[..., Report]) -> None:
    leaves = a_ledger(600).leaves
    older = {path: data for path, data in tree_files(leaves[:520]).items() if ".p/" in path}
    files = {**export_files(leaves), **older}
    assert older.keys() - export_files(leaves).keys() == {"tile/0/002.p/8", "tile/entries/002.p/8"}
    assert audit(files).superseded_count == 2
    for path in ("tile/0/002.p/8", "tile/entries/002.p/8"):
        stopped = refused(audit, {**files, path: flipped(files[path], 100)})
        assert stopped.finding.where == path


def test_files_that_belong_to_no_tree_are_named_and_not_refused(audit: Callable[..., Report]) -> None:
    leaves = a_ledger(600).leaves
    later = {path: data for path, data in tree_files(a_ledger(610).leaves).items() if path == "tile/0/002.p/98"}
    report = audit({**export_files(leaves), **later, "README": b"hello"})
    assert [(remark.code, remark.where) for remark in report.remarks] == [
        ("file_unknown", "README"),
        ("file_unknown", "tile/0/002.p/98"),
    ]


@pytest.fixture(scope="module")
def tall() -> Files:
    """The tiles of a tree of three levels whose leaves are all held back."""
    hashes = [leaf_hash(number.to_bytes(4, "big")) for number in range(66_000)]
    files = {tile.path: tile_bytes(hashes, tile) for tile in tiles_of(len(hashes))}
    text = Checkpoint(ORIGIN, len(hashes), root_of(hashes)).text()
    return {**files, "checkpoint": SignedNote(text, (SIGNER.sign(text),)).encode()}


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan, "PARALLEL_SIZE_MIN", 1 << 62)


def test_a_tree_of_three_levels_is_checked_without_any_leaf(
    audit: Callable[..., Report], alone: None, tall: Files
) -> None:
    report = audit(tall, log_only=True)
    assert (report.hash_count, report.leaf_count, report.upper_hash_count) == (66_000, 0, 258)


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize(
    ("path", "place"),
    [("tile/2/000.p/1", 0), ("tile/1/000", 200), ("tile/1/001.p/1", 0), ("tile/0/256", 3), ("tile/0/000", 255)],
)
def test_a_changed_hash_is_named_at_each_of_three_levels(
    audit: Callable[..., Report], tall: Files, path: str, place: int
) -> None:
    stopped = refused(audit, {**tall, path: flipped(tall[path], place * 256 + 9)}, log_only=True)
    assert stopped.finding.where == path
    # Without leaves nothing lies below level 0 that could tell which of its hashes it is.
    expected = ("tile_not_signed", None) if path.startswith("tile/0/") else ("tile_hash", place)
    assert (stopped.code, stopped.finding.fields.get("hash")) == expected


# Signatures.


def test_leaves_in_another_order_under_another_key_are_refused(audit: Callable[..., Report]) -> None:
    leaves = a_ledger(20).leaves
    files = export_files([leaves[1], leaves[0], *leaves[2:]], signer=OTHER_SIGNER)
    stopped = refused(audit, files)
    assert stopped.finding.fields["cause"] == "note_no_known_signature"
    assert refused(audit, files, POLICY).finding.fields["cause"] == "note_no_known_signature"


def test_the_key_of_the_first_audit_is_asked_for_in_the_next(audit: Callable[..., Report]) -> None:
    leaves = a_ledger(20).leaves
    assert audit(export_files(leaves), Named()).opened.trust.origin_of_keys == EXPORT
    assert audit(export_files(leaves), Named()).opened.trust.origin_of_keys == REMEMBERED
    stopped = refused(audit, export_files(leaves, signer=OTHER_SIGNER), Named())
    assert stopped.finding.fields["cause"] == "note_no_known_signature"


def test_without_any_key_nothing_is_said(audit: Callable[..., Report]) -> None:
    files = export_files(a_ledger(20).leaves)
    del files["policy"]
    stopped = refused(audit, files, Named())
    assert isinstance(stopped, Unusable)
    assert stopped.code == "key_missing"


def test_a_wrong_cosignature_is_refused(audit: Callable[..., Report]) -> None:
    files = export_files(a_ledger(20).leaves)
    other = a_checkpoint(a_ledger(21).leaves).splitlines()[-1]
    files["checkpoint"] = files["checkpoint"].replace(files["checkpoint"].splitlines()[-1], other)
    assert refused(audit, files, POLICY).finding.fields["cause"] == "cosignature_wrong"


def test_a_missed_quorum_is_refused(audit: Callable[..., Report]) -> None:
    files = export_files(a_ledger(20).leaves, witnesses=WITNESSES[:1])
    stopped = refused(audit, files, POLICY)
    assert (stopped.code, stopped.finding.fields["witnesses"]) == ("quorum_missed", "w0")


def test_a_policy_of_another_log_is_of_no_use(audit: Callable[..., Report]) -> None:
    other = export_files([])["policy"].replace(str(SIGNER.verifier).encode(), str(other_log_key()).encode())
    stopped = refused(audit, export_files([]), Named(policy=read_policy(other, "policy")))
    assert isinstance(stopped, Unusable)
    assert stopped.code == "policy_other_log"


def other_log_key() -> object:
    return type(SIGNER)("log.example/other", b"\x07" * 32).verifier


# What was seen before.


def test_a_log_that_grew_is_proved_to_go_on_from_what_was_seen(audit: Callable[..., Report]) -> None:
    leaves = a_ledger(900).leaves
    for count, size in enumerate((0, 1, 255, 256, 700, 900)):
        # Balances up to an entry: any prefix of the ledger will do.
        assert audit(export_files(leaves[:size])).remembered_count == count


def test_an_old_checkpoint_is_refused_once_a_newer_one_was_seen(audit: Callable[..., Report]) -> None:
    leaves = a_ledger(300).leaves
    audit(export_files(leaves))
    stopped = refused(audit, export_files(leaves[:200]))
    assert (stopped.code, stopped.finding.fields["seen"]) == ("log_shrunk", 300)


def test_a_fork_is_refused_naming_both_roots(audit: Callable[..., Report]) -> None:
    one, other = a_ledger(300), a_ledger(300, book_count=4)
    audit(export_files(one.leaves))
    stopped = refused(audit, export_files(other.leaves))
    assert stopped.code == "log_forked"
    assert stopped.finding.fields["old_root"] != stopped.finding.fields["root"]
    longer = refused(audit, export_files(a_ledger(400, book_count=4).leaves))
    assert (longer.code, longer.finding.fields["old_size"], longer.finding.fields["size"]) == ("log_forked", 300, 400)


# Books.


def test_a_missing_number_of_a_book_is_named(audit: Callable[..., Report]) -> None:
    ledger = Ledger()
    ledger.entry(0)
    ledger.entry(1)
    ledger.entry(0, seq=3)
    stopped = refused(audit, export_files(ledger.leaves))
    assert (stopped.code, stopped.finding.where) == ("book_seq_missing", "leaf 2")
    assert stopped.finding.fields == {"association": association(0), "expected": 2, "found": 3}


def test_a_number_that_comes_twice_is_named(audit: Callable[..., Report]) -> None:
    ledger = Ledger()
    ledger.entry(0)
    ledger.entry(0, seq=1)
    assert refused(audit, export_files(ledger.leaves)).code == "book_seq_repeated"


@pytest.mark.parametrize("between", [0, 300])
def test_an_event_that_comes_twice_is_named(
    audit: Callable[..., Report], between: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scan, "RANGE_SIZE", 1)
    ledger = Ledger()
    first = ledger.entry(0)
    for _ in range(between):
        ledger.entry(1)
    ledger.entry(0, event_id=first)
    stopped = refused(audit, export_files(ledger.leaves))
    assert (stopped.code, stopped.finding.where) == ("event_repeated", f"leaf {between + 1}")
    assert stopped.finding.fields["earlier"] == 0


def test_a_book_that_comes_twice_is_named(audit: Callable[..., Report]) -> None:
    ledger = a_ledger(50)
    stopped = refused(audit, export_files([*ledger.leaves, *ledger.leaves]))
    assert (stopped.code, stopped.finding.where) == ("book_seq_repeated", "leaf 50")


DOLLARS = {"amount_minor": 100, "currency": "USD"}


@pytest.mark.parametrize(
    ("lines", "fund", "currency"),
    [
        ([["1111", "QC", 5], ["35381", "QC", -4]], "QC", "VND"),
        ([["1111", "QA", 5], ["35381", "QB", -5]], "QA", "VND"),
        ([["1122", "QC", 5, DOLLARS], ["35381", "QC", -5]], "QC", "USD"),
    ],
)
def test_an_unbalanced_entry_is_named_with_its_fund_and_currency(
    audit: Callable[..., Report], lines: list[Any], fund: str, currency: str
) -> None:
    ledger = Ledger()
    ledger.entry(0)
    ledger.entry(0, lines)
    stopped = refused(audit, export_files(ledger.leaves))
    assert (stopped.code, stopped.finding.where) == ("entry_unbalanced", "leaf 1")
    assert (stopped.finding.fields["fund"], stopped.finding.fields["currency"]) == (fund, currency)


@pytest.mark.parametrize(
    "lines", [[], [["1111", "QC", 5]], [["1111", "QC", True], ["35381", "QC", -1]], [["1111", 5, 5], ["1", "QC", -5]]]
)
def test_an_entry_laid_out_otherwise_is_refused(audit: Callable[..., Report], lines: list[Any]) -> None:
    ledger = Ledger()
    ledger.entry(0)
    ledger.add(
        "entry",
        association(0),
        {"kind": "ordinary", "lines": lines, "rate": None, "voucher": ["PT", 2023, 2]},
        book_seq=2,
        entry_on=date(2023, 9, 5),
    )
    files = {**export_files(ledger.leaves[:1]), **tree_files(ledger.leaves), "checkpoint": a_checkpoint(ledger.leaves)}
    files["trial-balances.jsonl"] = files["trial-balances.jsonl"].replace(b'"size":1', b'"size":2')
    stopped = refused(audit, files)
    assert (stopped.code, stopped.finding.where) == ("leaf_payload", "leaf 1")


def test_an_entry_of_a_day_to_come_is_named(audit: Callable[..., Report]) -> None:
    ledger = Ledger()
    ledger.entry(0, entry_on=date(2023, 9, 6))
    assert refused(audit, export_files(ledger.leaves)).code == "entry_in_future"


def test_a_leaf_that_is_not_canonical_is_named(audit: Callable[..., Report]) -> None:
    leaves = [*a_ledger(5).leaves, b'{"v":1}', *a_ledger(1).leaves]
    files = {**export_files(leaves[:5]), **tree_files(leaves), "checkpoint": a_checkpoint(leaves)}
    files["trial-balances.jsonl"] = files["trial-balances.jsonl"].replace(b'"size":5', b'"size":7')
    stopped = refused(audit, files)
    assert (stopped.code, stopped.finding.where) == ("leaf_malformed", "leaf 5")
    assert stopped.finding.fields["cause"] == "leaf_field_missing"


@pytest.mark.parametrize("is_known", [True, False])
def test_corrections_name_an_earlier_entry_of_their_book(audit: Callable[..., Report], is_known: bool) -> None:
    ledger = Ledger()
    of_another_book = ledger.entry(1)
    ledger.entry(0, kind="adjustment", corrects=of_another_book if is_known else type_id("en", 999_999))
    stopped = refused(audit, export_files(ledger.leaves))
    assert (stopped.code, stopped.finding.where) == ("corrects_unknown", "leaf 1")


def test_an_entry_is_reversed_once(audit: Callable[..., Report]) -> None:
    ledger = Ledger()
    first = ledger.entry(0)
    ledger.reverse(first)
    audit(export_files(ledger.leaves))
    ledger.reverse(first)
    assert refused(audit, export_files(ledger.leaves)).code == "reversed_twice"


def test_a_reversal_mirrors_its_entry(audit: Callable[..., Report]) -> None:
    ledger = Ledger()
    first = ledger.entry(0)
    ledger.entry(0, [["1111", "QC", -1], ["35381", "QC", 1]], kind="reversal", corrects=first)
    assert refused(audit, export_files(ledger.leaves)).code == "reversal_not_mirror"


def test_a_reversal_is_not_reversed(audit: Callable[..., Report]) -> None:
    ledger = Ledger()
    ledger.reverse(ledger.reverse(ledger.entry(0)))
    assert refused(audit, export_files(ledger.leaves)).code == "reversal_not_mirror"


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("skipped", "voucher_missing"),
        ("repeated", "voucher_repeated"),
        ("issued twice", "voucher_repeated"),
        ("void executed", "voucher_repeated"),
        ("voided unissued", "voucher_not_waiting"),
        ("voided executed", "voucher_not_waiting"),
    ],
)
def test_vouchers_run_on_and_each_is_used_once(audit: Callable[..., Report], fault: str, code: str) -> None:
    ledger = Ledger()
    ledger.entry(0)
    voucher = ledger.issue()
    match fault:
        case "skipped":
            ledger.entry(0, voucher=["PT", 2023, 4])
        case "repeated":
            ledger.entry(0, voucher=["PT", 2023, 1])
        case "issued twice":
            ledger.issue(number=2)
        case "void executed":
            ledger.void(voucher)
            ledger.entry(0, voucher=voucher)
        case "voided unissued":
            ledger.void(["PT", 2023, 3])
        case _:
            ledger.void(["PT", 2023, 1])
    assert refused(audit, export_files(ledger.leaves)).code == code


# Trial balances.


def test_an_edited_figure_is_named_with_what_the_leaves_give(audit: Callable[..., Report]) -> None:
    ledger = Ledger()
    ledger.entry(0)
    ledger.entry(1)
    files = export_files(ledger.leaves)
    lines = files["trial-balances.jsonl"].splitlines(keepends=True)
    lines[3] = lines[3].replace(b'"debit_minor":500000', b'"debit_minor":400000')
    stopped = refused(audit, {**files, "trial-balances.jsonl": b"".join(lines)})
    assert (stopped.code, stopped.finding.where) == ("balances_figure", "trial-balances.jsonl line 4")
    assert stopped.finding.fields == {
        "row": f"{association(1)} 1111 QC",
        "figure": "debit_minor",
        "published": 400000,
        "replayed": 500000,
    }


def test_rows_that_are_missing_or_too_many_are_named(audit: Callable[..., Report]) -> None:
    ledger = Ledger()
    ledger.entry(0)
    files = export_files(ledger.leaves)
    header, cash, fund, end = files["trial-balances.jsonl"].splitlines(keepends=True)
    extra = cash.replace(b'"1111"', b'"1112"')
    after = fund.replace(b'"35381"', b'"35382"')
    for rows, code, account in (
        ([cash, end], "balances_row_missing", "35381"),
        ([fund, end], "balances_row_missing", "1111"),
        ([cash, extra, fund, end], "balances_row_unexpected", "1112"),
        ([cash, fund, after, end], "balances_row_unexpected", "35382"),
    ):
        stopped = refused(audit, {**files, "trial-balances.jsonl": b"".join([header, *rows])})
        assert (stopped.code, stopped.finding.fields["row"]) == (code, f"{association(0)} {account} QC")


def test_balances_of_another_log_or_of_leaves_to_come_are_refused(audit: Callable[..., Report]) -> None:
    files = export_files(a_ledger(20).leaves)
    table = files["trial-balances.jsonl"]
    for old, new, code in (
        (b"log.example/soquy", b"log.example/other", "balances_origin"),
        (b'"size":20', b'"size":21', "balances_too_new"),
        (b'"size":20', b'"size":19', "balances_figure"),
        (b'"v":1', b'"v":2', "balances_format_unknown"),
    ):
        assert refused(audit, {**files, "trial-balances.jsonl": table.replace(old, new, 1)}).code == code


def test_every_finding_has_its_text_in_both_languages() -> None:
    root = Path(scan.__file__).parent
    sources = "".join(path.read_text(encoding="utf-8") for path in root.glob("*.py") if path.name != "wording.py")
    assert {code for code in TEXTS if f'"{code}"' not in sources} == set()
    for vietnamese, english in TEXTS.values():
        assert vietnamese
        assert english
