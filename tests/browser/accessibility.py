"""What every page has to pass, whoever built it: axe's rules of WCAG 2.2 AA, and the width of the screen."""

from pathlib import Path
from typing import Any, Final, Literal

from playwright.sync_api import Browser, Page, ViewportSize

AXE: Final = (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")
RULES: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

PHONE: Final[ViewportSize] = {"width": 360, "height": 740}
DESK: Final[ViewportSize] = {"width": 1280, "height": 900}
ZOOMED: Final[ViewportSize] = {"width": 640, "height": 450}
"""What is left of the desk's screen at 200 %."""


def open_page(
    browser: Browser,
    size: ViewportSize = DESK,
    scheme: Literal["light", "dark"] = "light",
    *,
    script: bool = True,
    for_axe: bool = False,
) -> Page:
    """Open a page in a browser of its own; only axe is let past the policy."""
    context = browser.new_context(viewport=size, color_scheme=scheme, java_script_enabled=script, bypass_csp=for_axe)
    return context.new_page()


def complaints_of(page: Page) -> list[str]:
    """Return a list that everything the browser complains about is added to from here on."""
    complaints: list[str] = []
    # That a form was refused is an answer, not a complaint.
    page.on("console", lambda message: None if "422" in message.text else complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("requestfailed", lambda request: complaints.append(request.url))
    return complaints


def assert_accessible(page: Page) -> None:
    """Let axe look at the page, and see that nothing is wider than the screen."""
    page.evaluate(AXE)
    found: dict[str, Any] = page.evaluate(
        "tags => axe.run({runOnly: {type: 'tag', values: tags}, resultTypes: ['violations']})", RULES
    )
    broken = [(each["id"], [node["html"][:200] for node in each["nodes"][:3]]) for each in found["violations"]]
    assert not broken, f"{page.url}: {broken}"
    assert page.viewport_size is not None
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= page.viewport_size["width"], f"{page.url}: {width} wide"
