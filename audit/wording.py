"""Word findings for people: Vietnamese first, English below it; the code in front is the same in both.

The auditor runs without the service, so its texts stand here and not in ``api/messages.toml``.
"""

from typing import Final

from audit.finding import Finding

TEXTS: Final[dict[str, tuple[str, str]]] = {
    # What is wrong.
    "checkpoint_refused": (
        "chữ ký hoặc nội dung của checkpoint không đúng ({cause})",
        "the checkpoint's signature or text is not right: {fact} ({cause})",
    ),
    "quorum_missed": (
        "checkpoint thiếu chữ ký của nhân chứng theo chính sách; đã ký: {witnesses}",
        "the checkpoint lacks cosignatures that the policy asks for; there are: {witnesses}",
    ),
    "log_shrunk": (
        "sổ công khai có {size} lá, ít hơn {seen} lá đã thấy lần trước",
        "the log has {size} leaves, fewer than the {seen} seen before",
    ),
    "log_forked": (
        "hai lịch sử khác nhau: {old_size} lá với gốc {old_root} (lần trước), {size} lá với gốc {root} (bây giờ)",
        "two histories: {old_size} leaves with root {old_root} (before), {size} leaves with root {root} (now)",
    ),
    "root_mismatch": (
        "các ô của cây {size} lá không dẫn đến gốc đã ký; một trong: {tiles}",
        "the tiles of the {size} leaves do not lead to the signed root; one of: {tiles}",
    ),
    "tile_size": ("ô không có đúng {size} byte", "the tile has not {size} bytes"),
    "tile_hash": (
        "mã băm thứ {hash} của ô (đếm từ 0) bị sửa",
        "hash {hash} of the tile (from 0) is not the signed one",
    ),
    "tile_not_signed": (
        "ô không khớp với mã băm của nó ở ô phía trên đã được ký",
        "the tile does not give the signed hash in the tile above it",
    ),
    "tile_not_signed_leaves": (
        "ô và gói {bundle} (lá {first} đến {last}) đều không phải là cái đã ký",
        "neither the tile nor {bundle} (leaves {first} to {last}) is what was signed",
    ),
    "bundle_malformed": ("gói lá bị hỏng ({cause})", "the entry bundle is malformed: {fact} ({cause})"),
    "leaf_hash": (
        "nội dung lá trong {bundle} không phải là cái đã ký ({tile} đúng)",
        "the leaf in {bundle} is not the one that was signed ({tile} is right)",
    ),
    "leaf_malformed": ("lá không đúng dạng chuẩn ({cause})", "the leaf is not canonical: {fact} ({cause})"),
    "leaf_payload": (
        "sự kiện {event}: phần {what} không đúng cấu trúc",
        "event {event}: {what} is not laid out as it has to be",
    ),
    "entry_unbalanced": (
        "bút toán {event} không cân trong quỹ {fund}, loại tiền {currency}: lệch {difference_minor}",
        "entry {event} does not balance in fund {fund}, currency {currency}: off by {difference_minor}",
    ),
    "entry_in_future": (
        "bút toán {event} đề ngày {entry_on}, sau ngày ghi nhận",
        "entry {event} has the day {entry_on}, after it was recorded",
    ),
    "event_repeated": (
        "sự kiện {event} đã có ở lá {earlier}",
        "event {event} is there before, in leaf {earlier}",
    ),
    "book_seq_missing": (
        "sổ của {association} nhảy số: chờ bút toán {expected}, gặp {found}",
        "the book of {association} skips: entry {expected} was due, {found} is here",
    ),
    "book_seq_repeated": (
        "sổ của {association} lặp số: chờ bút toán {expected}, gặp {found}",
        "the book of {association} repeats: entry {expected} was due, {found} is here",
    ),
    "voucher_missing": (
        "{association}: chứng từ {voucher} không nối tiếp số {last}",
        "{association}: voucher {voucher} does not follow number {last}",
    ),
    "voucher_repeated": (
        "{association}: chứng từ {voucher} đã dùng rồi (số cuối là {last})",
        "{association}: voucher {voucher} was used before (the last number is {last})",
    ),
    "voucher_not_waiting": (
        "{association}: chứng từ {voucher} bị hủy mà chưa lập hoặc đã thực hiện (số cuối là {last})",
        "{association}: voucher {voucher} is voided but was not issued, or was executed (the last number is {last})",
    ),
    "corrects_unknown": (
        "sự kiện {event} sửa {corrects}, không có trước đó trong cùng sổ",
        "event {event} corrects {corrects}, which is not there before in the same book",
    ),
    "reversal_not_mirror": (
        "bút toán đảo {event} không phải là bản đảo của {corrects} (lá {earlier})",
        "reversal {event} is not the mirror of {corrects} (leaf {earlier})",
    ),
    "reversed_twice": ("sự kiện {event} đảo {corrects} lần thứ hai", "event {event} reverses {corrects} a second time"),
    "superseded_differs": ("tệp cũ nói khác với {now}", "the superseded file disagrees with {now}"),
    "balances_origin": (
        "bảng cân đối là của sổ khác: {found}, không phải {expected}",
        "the trial balances are another log's: {found}, not {expected}",
    ),
    "balances_too_new": (
        "bảng cân đối tính đến {known} lá, checkpoint chỉ có {size}",
        "the trial balances are as of {known} leaves, the checkpoint has {size}",
    ),
    "balances_figure": (
        "{row}: {figure} công bố {published}, tính lại từ các lá là {replayed}",
        "{row}: {figure} is published as {published}, the leaves give {replayed}",
    ),
    "balances_row_missing": ("thiếu dòng {row}", "the row {row} is missing"),
    "balances_row_unexpected": ("thừa dòng {row}: các lá không có", "the row {row} is in no leaf"),
    "balances_line_malformed": ("dòng không đúng cách viết", "the line is not spelled as it has to be"),
    "balances_end": ("bảng phải kết thúc sau {rows} dòng", "the table has to end after {rows} rows"),
    "proof_refused": ("bằng chứng không đúng ({cause})", "the proof is not right: {fact} ({cause})"),
    "opening_refused": (
        "giá trị của {field} không phải là giá trị đã cam kết trong lá",
        "the value of {field} is not the one that the leaf commits to",
    ),
    # What is missing.
    "audit_broken": (
        "không kiểm xong trên máy này: {reason}",
        "the audit could not be finished on this machine: {reason}",
    ),
    "checkpoint_missing": (
        "không có tệp checkpoint ở đây; hãy chỉ đúng thư mục hoặc địa chỉ",
        "there is no checkpoint here; name the export's folder or the service's address",
    ),
    "source_unreadable": ("không đọc được: {reason}", "can't be read: {reason}"),
    "source_unreachable": ("không kết nối được: {reason}", "can't be reached: {reason}"),
    "source_refused": ("máy chủ trả lời {status}", "the server answers {status}"),
    "source_redirects": ("máy chủ chuyển hướng quá nhiều lần", "the server redirects too often"),
    "source_redirected_elsewhere": (
        "máy chủ chuyển sang nơi khác: {host}; hãy chỉ thẳng địa chỉ đó nếu tin",
        "the server redirects to {host}; name that address yourself if you trust it",
    ),
    "source_too_large": ("lớn hơn {size_max} byte", "is larger than {size_max} bytes"),
    "source_url_malformed": ("địa chỉ không đúng", "the address is not one of a log"),
    "key_malformed": ("khóa không đúng ({cause})", "the key is none: {fact} ({cause})"),
    "key_missing": (
        "không có khóa của {origin}; thêm --key hoặc --policy",
        "no key of {origin} is known; give --key or --policy",
    ),
    "policy_malformed": ("tệp chính sách không đúng ({cause})", "the policy is none: {fact} ({cause})"),
    "policy_other_log": ("chính sách không có khóa của {origin}", "the policy has no key of {origin}"),
    "memory_unreadable": (
        "tệp ghi nhớ hỏng ở dòng {line} ({reason}); hãy dời nó đi hoặc dùng --state",
        "what earlier audits remembered is unreadable at line {line} ({reason}); move it away, or name --state",
    ),
    "tile_missing": ("thiếu ô này", "the tile is missing"),
    "bundle_missing": (
        "thiếu gói lá này, cần cho bảng cân đối; thêm --log-only để chỉ kiểm cây",
        "the entry bundle is missing, and the trial balances rest on it; --log-only does without them",
    ),
    "balances_missing": (
        "không có bảng cân đối đã công bố; thêm --log-only để bỏ qua",
        "there are no published trial balances; --log-only does without them",
    ),
    "balances_format_unknown": (
        "không phải bảng cân đối phiên bản 1; thêm --log-only để bỏ qua",
        "this is no trial-balances file of version 1; --log-only does without it",
    ),
    "receipt_malformed": ("biên nhận không đúng dạng: {what}", "this is no receipt: {what}"),
    "receipt_unproved": (
        "biên nhận chưa có bằng chứng: chờ checkpoint kế tiếp rồi tải lại",
        "the receipt has no proof yet: fetch it again after the next checkpoint",
    ),
    "nothing_replayed": (
        "bảng cân đối tính đến 0 lá trong {size}, nên chưa lá nào được tính lại; --log-only thì chỉ kiểm nhật ký",
        "the trial balances are as of 0 of {size} leaves, so that nothing is replayed; --log-only checks the log alone",
    ),
    # What is only said.
    "replayed_partly": (
        "số liệu chỉ tính đến {known} trong {size} lá; các lá sau đó chưa được tính lại",
        "the figures are as of {known} of {size} leaves; those after them are not replayed",
    ),
    "keys_from_export": (
        "khóa lấy từ chính dữ liệu được kiểm; so với khóa hội công bố ở nơi khác, hoặc dùng --key",
        "keys taken from the export itself; compare them with those published elsewhere, or use --key",
    ),
    "signature_unknown": ("chữ ký của khóa không biết: {name}", "a signature by a key that is not known: {name}"),
    "file_unknown": ("tệp không thuộc cây này, không kiểm", "the file belongs to no tree of this size; not checked"),
    "not_remembered": ("không ghi nhớ được checkpoint: {reason}", "the checkpoint could not be remembered: {reason}"),
}


def word(finding: Finding) -> str:
    """Return a finding in two lines: the place and Vietnamese, then English."""
    vietnamese, english = (text.format_map(finding.fields) for text in TEXTS[finding.code])
    return f"[{finding.code}] {finding.where}: {vietnamese}\n    {english}"


def number(value: int) -> str:
    """Return a number with its digits in groups, as both languages read it."""
    return f"{value:,}".replace(",", " ")
