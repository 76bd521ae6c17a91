"""Verify a public log, or a receipt from it: ``python -m audit.verify PATH|URL``, or ``soquy verify``.

Runs with this package, the standard library and ``cryptography``: no database, no service, no account. The exit status
is 0 where everything is right, 1 where something is wrong, 2 where too much is missing to tell.
"""

import argparse
import sqlite3
import sys
import time
from collections.abc import Sequence
from concurrent.futures import BrokenExecutor
from contextlib import closing
from pathlib import Path
from typing import Final, TextIO

from audit.finding import AuditStopped, Finding, Tampered, Unusable
from audit.jcs import write
from audit.line import format_base64
from audit.log_audit import Report, audit_log
from audit.receipt_audit import RECEIPT_SIZE_MAX, ReceiptReport, audit_receipt
from audit.source import open_source
from audit.trust import GIVEN, REMEMBERED, Opened, read_named
from audit.wording import number, word

_BAR_WIDTH: Final = 30
_REDRAWN_EVERY_S: Final = 0.2
_TOLD_EVERY_S: Final = 5.0

_NOT_VERIFIABLE: Final = "CHƯA KIỂM ĐƯỢC / NOT VERIFIABLE"
_KEYS_FROM: Final = {GIVEN: "do bạn chỉ định / named by you", REMEMBERED: "đã biết từ lần trước / known from before"}
_KEYS_FROM_EXPORT: Final = "từ chính dữ liệu này / from the data itself"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command understands, but for ``--quiet``."""
    parser.add_argument("target", metavar="PATH|URL", help="an export's folder, a service's address, or a receipt")
    parser.add_argument("--policy", type=Path, metavar="FILE", help="whom to trust: logs, witnesses and the quorum")
    parser.add_argument(
        "--key", action="append", default=[], dest="keys", metavar="VKEY", help="a log's verifier key; repeatable"
    )
    state = "where to remember checkpoints (XDG_STATE_HOME/soquy)"
    parser.add_argument("--state", type=Path, metavar="FILE|DIR", help=state)
    parser.add_argument("--log-only", action="store_true", help="do without the published trial balances")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command on its own."""
    parser = argparse.ArgumentParser(prog="soquy verify", description="Verify a public log without its operator.")
    parser.add_argument("--quiet", action="store_true", help="print the verdict alone")
    add_arguments(parser)
    return run(parser.parse_args(arguments))


def run(asked: argparse.Namespace) -> int:
    """Verify what was asked for, print what was found and return the exit status."""
    is_quiet = bool(getattr(asked, "quiet", False))
    bar = _Bar(sys.stderr, is_silent=is_quiet)
    try:
        named = read_named(asked.keys, asked.policy)
        if _is_receipt(asked.target):
            data = _read_file(asked.target)
            receipt = audit_receipt(data, named, state=asked.state, where=asked.target)
            _print_remarks(receipt.remarks)
            _print(_receipt_lines(receipt), is_quiet=is_quiet)
        else:
            with closing(open_source(asked.target)) as source:
                report = audit_log(source, named, state=asked.state, log_only=asked.log_only, progress=bar.show)
            bar.clear()
            _print_remarks(report.remarks)
            _print(_report_lines(report), is_quiet=is_quiet)
    except AuditStopped as stopped:
        bar.clear()
        is_wrong = isinstance(stopped, Tampered)
        verdict = "SAI / WRONG" if is_wrong else _NOT_VERIFIABLE
        sys.stderr.write(f"{verdict} {word(stopped.finding)}\n")
        return 1 if is_wrong else 2
    except (OSError, sqlite3.Error, BrokenExecutor, MemoryError) as error:
        # Never 1: a full disk says nothing about the log.
        bar.clear()
        reason = str(error) or type(error).__name__
        stopped_here = Finding(code="audit_broken", where=asked.target, fields={"reason": reason})
        sys.stderr.write(f"{_NOT_VERIFIABLE} {word(stopped_here)}\n")
        return 2
    except KeyboardInterrupt:
        bar.clear()
        return 130
    return 0


def _is_receipt(target: str) -> bool:
    return not target.startswith(("http://", "https://")) and Path(target).is_file()


def _read_file(target: str) -> bytes:
    try:
        with Path(target).open("rb") as file:
            return file.read(RECEIPT_SIZE_MAX + 1)
    except OSError as error:
        raise Unusable("source_unreadable", target, reason=str(error.strerror)) from error


def _print(lines: list[str], *, is_quiet: bool) -> None:
    sys.stdout.write("\n".join(lines[:1] if is_quiet else lines) + "\n")


def _print_remarks(remarks: list[Finding]) -> None:
    for remark in remarks:
        sys.stderr.write(f"CHÚ Ý / NOTE {word(remark)}\n")


def _opened_lines(opened: Opened) -> list[str]:
    keys_from = _KEYS_FROM.get(opened.trust.origin_of_keys, _KEYS_FROM_EXPORT)
    key_ids = ", ".join(f"{key.name}+{key.key_id.hex()}" for key in opened.trust.keys)
    witnesses = ", ".join(opened.witnesses) or "không / none"
    return [
        f"  gốc / root                         {format_base64(opened.checkpoint.root)}",
        f"  khóa / keys                        {key_ids} ({keys_from})",
        f"  nhân chứng / witnesses             {witnesses}",
    ]


def _report_lines(report: Report) -> list[str]:
    checkpoint = report.opened.checkpoint
    hashed_only = report.hash_count - report.leaf_count
    compared = "không / left out" if report.account_count is None else number(report.account_count)
    rows = [
        ("lá đã kiểm / leaves checked", number(report.leaf_count)),
        ("chỉ có mã băm / hashes only", number(hashed_only)),
        ("lá đã tính lại / leaves replayed", number(report.replayed_size)),
        ("mã băm phía trên / hashes above", number(report.upper_hash_count)),
        ("tệp cũ khớp / superseded files", number(report.superseded_count)),
        ("sổ, bút toán / books, entries", f"{number(report.book_count)}, {number(report.entry_count)}"),
        ("tổng nợ = tổng có / debit = credit", f"{number(report.debit_minor)} đ = {number(report.credit_minor)} đ"),
        ("dòng số dư khớp / balances agree", compared),
        ("checkpoint đã nhớ / remembered", f"{report.remembered_count} nhất quán / consistent"),
        ("thời gian / duration", f"{report.seconds:.1f} s"),
    ]
    head = f"ĐÚNG / OK {checkpoint.origin}: {number(checkpoint.size)} lá / leaves"
    return [head, *_opened_lines(report.opened), *(f"  {name:<34} {value}" for name, value in rows)]


def _receipt_lines(report: ReceiptReport) -> list[str]:
    leaf, checkpoint = report.leaf, report.opened.checkpoint
    lines = [
        f"ĐÚNG / OK {checkpoint.origin}: lá / leaf {number(report.index)} trong / of {number(checkpoint.size)}",
        *_opened_lines(report.opened),
        f"  sự kiện / event                    {leaf.type} {leaf.event_id}",
        f"  hội / association                  {leaf.association or '-'}",
        f"  số trong sổ / number in the book   {leaf.book_seq or '-'}",
        f"  ngày / day                         {leaf.entry_on or '-'}",
        f"  ghi nhận / recorded                {leaf.recorded_at.isoformat()} ({leaf.actor.role})",
    ]
    if leaf.corrects is not None:
        lines.append(f"  sửa / corrects                     {leaf.corrects}")
    lines += [f"  {name:<34} {write(value)}" for name, value in leaf.payload.items() if name != "lines"]
    entry_lines = leaf.payload.get("lines")
    if isinstance(entry_lines, list):
        lines += [
            f"    {' '.join(part if isinstance(part, str) else write(part) for part in each)}" for each in entry_lines
        ]
    lines += [f"  {name:<34} {_printable(value)}" for name, value in report.openings]
    return lines


def _printable(value: str) -> str:
    """Keep what somebody typed from steering a terminal."""
    return "".join(character if character.isprintable() else " " for character in value)


class _Bar:
    """How far the leaves are: a line that is redrawn on a terminal, elsewhere a line now and then."""

    def __init__(self, stream: TextIO, *, is_silent: bool) -> None:
        self._stream = stream
        self._is_silent = is_silent
        self._is_terminal = stream.isatty()
        self._begun = self._shown = time.monotonic()
        self._is_drawn = False

    def show(self, done: int, total: int) -> None:
        """Show how many of all leaves are done."""
        now = time.monotonic()
        if self._is_silent or now - self._shown < (_REDRAWN_EVERY_S if self._is_terminal else _TOLD_EVERY_S):
            return
        self._shown = now
        share = done / max(total, 1)
        text = f"{share:4.0%} {number(done)} lá / leaves, {number(int(done / (now - self._begun)))}/s"
        if self._is_terminal:
            filled = int(share * _BAR_WIDTH)
            self._stream.write(f"\r[{'#' * filled}{' ' * (_BAR_WIDTH - filled)}] {text}\x1b[K")
            self._is_drawn = True
        else:
            self._stream.write(f"{text}\n")
        self._stream.flush()

    def clear(self) -> None:
        """Take the line away."""
        if self._is_drawn:
            self._stream.write("\r\x1b[K")
            self._is_drawn = False


if __name__ == "__main__":
    sys.exit(main())
