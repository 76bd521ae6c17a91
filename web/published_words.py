"""The sources and notes of published figures in Vietnamese; ``seed_figures.csv`` has them in English.

The table holds what pages show. What it lacks is shown as the file has it.
"""

from collections.abc import Mapping
from typing import Final

SOURCES: Final[Mapping[str, tuple[str, str]]] = {
    "Report of the Hà Nam association's year-end conference, 2024-01-12": (
        "Báo cáo hội nghị tổng kết năm 2023 của Hội Khuyến học tỉnh Hà Nam, 12/01/2024",
        "Report of the Hà Nam association's 2023 year-end conference, 12 Jan 2024",
    ),
    "Báo Quảng Bình, 2025-06, interview with the chair of the provincial association": (
        "Báo Quảng Bình, tháng 6/2025, phỏng vấn Chủ tịch Hội Khuyến học tỉnh",
        "Báo Quảng Bình, June 2025, interview with the chair of the provincial association",
    ),
}

NOTES: Final[Mapping[str, tuple[str, str]]] = {
    "'reached': read as the funds' stock": (
        "Nguồn viết “đạt”: ở đây hiểu là số dư của các quỹ",
        "The source says “reached”: read here as the funds’ stock",
    ),
    "'mobilised': may be a flow; the demo treats it as the provincial association's own fund and says so": (
        "Nguồn viết “vận động được”: có thể là số thu trong kỳ; dữ liệu mẫu coi là số dư quỹ riêng của tỉnh hội",
        "The source says “mobilised”: it may be a flow; the demo treats it as the provincial association’s own fund",
    ),
    "awards and school equipment together": (
        "Gồm cả suất trao và thiết bị cho trường",
        "Awards and school equipment together",
    ),
}


def source_words(source: str) -> tuple[str, str]:
    """Return a source in Vietnamese and in English."""
    return SOURCES.get(source, (source, source))


def note_words(note: str) -> tuple[str, str] | None:
    """Return a figure's note in Vietnamese and in English; ``None`` where it has none."""
    return NOTES.get(note, (note, note)) if note else None
