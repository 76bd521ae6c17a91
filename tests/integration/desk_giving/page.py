"""Read pages as their readers do, and fill in their forms as browsers do."""

import html
import re
from dataclasses import dataclass

from fastapi.testclient import TestClient
from httpx import Response

from ledger import typeid
from ledger.books.model import Book


def desk(book: Book, *more: str) -> str:
    """Return the path of a page of an association's desk."""
    return "/".join(["/desk", typeid.encode(typeid.ASSOCIATION, book.association_id), *more])


def text_of(page: str) -> str:
    """Return what a page says, without its markup."""
    plain = re.sub(r"<(script|style|template)[^>]*>.*?</\1>", " ", page, flags=re.DOTALL)
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", plain).replace("&nbsp;", " "))).replace(
        "\xa0", " "
    )


def faults_of(page: str) -> list[str]:
    """Return what the summary above a form says is wrong."""
    found = re.search(r'<div class="summary".*?</div>', page, re.DOTALL)
    return (
        [] if found is None else [text_of(each).strip() for each in re.findall(r"<li>(.*?)</li>", found[0], re.DOTALL)]
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """A form of a page, by where it goes and what stands in it."""

    action: str
    fields: dict[str, str]

    def send(self, client: TestClient, **changes: str) -> Response:
        """Send it with some fields changed."""
        answer: Response = client.post(self.action, data={**self.fields, **changes})
        return answer

    def post(self, client: TestClient, **changes: str) -> Response:
        """Send it by the button that posts."""
        posting = Filled(action=self.action.replace("/contributions/new", "/contributions/post"), fields=self.fields)
        return posting.send(client, then="post", **changes)


def form_of(page: str, *, at: int = 0) -> Filled:
    """Return a form of a page as a browser would send it, without any button."""
    found = [
        each
        for each in re.findall(r'<form method="post" action="([^"]*)"([^>]*)>(.*?)</form>', page, re.DOTALL)
        if each[0] != "/sign-out"
    ]
    action, _, body = found[at]
    fields: dict[str, str] = {}
    for tag in re.findall(r"<input ([^>]*)>", body):
        name, value = (re.search(rf'\b{each}="([^"]*)"', tag) for each in ("name", "value"))
        kind = re.search(r'\btype="([^"]*)"', tag)
        is_box = kind is not None and kind[1] in {"checkbox", "radio"}
        if name is None or (is_box and " checked" not in f" {tag}"):
            continue
        fields[name[1]] = html.unescape(value[1]) if value else "on"
    for name_, options in re.findall(r'<select[^>]*\bname="([^"]*)"[^>]*>(.*?)</select>', body, re.DOTALL):
        chosen = re.findall(r'<option value="([^"]*)"[^>]* selected', options) or re.findall(
            r'<option value="([^"]*)"', options
        )
        if chosen:
            fields[name_] = html.unescape(chosen[0])
    for name_, value_ in re.findall(r'<textarea[^>]*\bname="([^"]*)"[^>]*>\n?(.*?)</textarea>', body, re.DOTALL):
        fields[name_] = html.unescape(value_)
    return Filled(action=html.unescape(action), fields=fields)
