"""What templates must not do."""

import re
from pathlib import Path
from typing import Final

import pytest

import web

TEMPLATES: Final = sorted((Path(web.__file__).parent / "templates").rglob("*.html"))

HIDING: Final = {"action", "elements", "enctype", "matches", "method", "requestSubmit", "submit", "target"}
"""Names of controls that would hide what a script asks of their form: ``form.action`` is then the control."""


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_control_hides_a_property_of_its_form(path: Path) -> None:
    assert set(re.findall(r'\bname="([a-zA-Z_]+)"', path.read_text(encoding="utf-8"))) & HIDING == set()
