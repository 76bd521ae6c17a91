"""The sources and notes of published figures as pages write them; ``seed_figures.csv`` has them in English.

The table holds what pages show. What it lacks is shown as the file has it.
"""

from collections.abc import Mapping
from typing import Final

from web.translation import Message, _

SOURCES: Final[Mapping[str, Message]] = {
    "Report of the Hà Nam association's year-end conference, 2024-01-12": _(
        "Báo cáo hội nghị tổng kết năm 2023 của Hội Khuyến học tỉnh Hà Nam, 12/01/2024"
    ),
    "Báo Quảng Bình, 2025-06, interview with the chair of the provincial association": _(
        "Báo Quảng Bình, tháng 6/2025, phỏng vấn Chủ tịch Hội Khuyến học tỉnh"
    ),
}

NOTES: Final[Mapping[str, Message]] = {
    "'reached': read as the funds' stock": _("Nguồn viết “đạt”: ở đây hiểu là số dư của các quỹ"),
    "'mobilised': may be a flow; the demo treats it as the provincial association's own fund and says so": _(
        "Nguồn viết “vận động được”: có thể là số thu trong kỳ; dữ liệu mẫu coi là số dư quỹ riêng của tỉnh hội"
    ),
    "awards and school equipment together": _("Gồm cả suất trao và thiết bị cho trường"),
}


def source_words(source: str) -> Message | str:
    """Return a source as pages write it."""
    return SOURCES.get(source, source)


def note_words(note: str) -> Message | str | None:
    """Return a figure's note as pages write it; ``None`` where it has none."""
    return NOTES.get(note, note) if note else None
