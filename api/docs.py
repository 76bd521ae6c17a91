"""The API's documentation as one page, made from the OpenAPI document: no script, nothing fetched from elsewhere."""

import base64
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any, Final

_STYLE: Final = """\
body{font:16px/1.55 system-ui,sans-serif;margin:0 auto;max-width:60rem;padding:1rem 1.25rem 4rem;color:#1b1f24;
background:#fff}
h1{font-size:1.9rem;margin:.6rem 0}h2{margin:2.6rem 0 .4rem;border-bottom:2px solid #b3261e;padding-bottom:.2rem}
h3{margin:1.6rem 0 .2rem;font-size:1.05rem}a{color:#0b57d0}code,pre{font-family:ui-monospace,monospace;font-size:.88em}
pre{background:#f4f5f7;padding:.7rem .9rem;overflow-x:auto;border-radius:.4rem}
table{border-collapse:collapse;width:100%;font-size:.92rem}
th,td{text-align:left;padding:.28rem .7rem .28rem 0;vertical-align:top;border-bottom:1px solid #e3e5e8}
.verb{display:inline-block;min-width:4.2rem;font-weight:700}.GET{color:#0b57d0}.POST{color:#146c2e}.DELETE{color:#b3261e}
details{margin:.4rem 0}summary{cursor:pointer}nav ul{columns:2;padding-left:1.1rem}.muted{color:#5f6670}
@media (prefers-color-scheme:dark){body{background:#15181c;color:#e6e8eb}pre{background:#20252b}a{color:#8ab4f8}
th,td{border-color:#333a42}.GET{color:#8ab4f8}.POST{color:#7ccf93}.DELETE{color:#f2b8b5}.muted{color:#a3abb5}}
"""

_STYLE_HASH: Final = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
HEADERS: Final = {
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; frame-ancestors 'none'",
    "Cache-Control": "no-cache",
}


def render(document: Mapping[str, Any]) -> str:
    """Return the page for an OpenAPI document."""
    return "".join(_page(document))


def _page(document: Mapping[str, Any]) -> Iterator[str]:
    title = escape(document["info"]["title"])
    yield '<!doctype html><html lang="en"><meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width,initial-scale=1">'
    yield f"<title>{title}: API</title><style>{_STYLE}</style>"
    yield f"<main><h1>{title}: API v{document['info']['version']}</h1>"
    yield _text(document["info"]["description"])
    yield '<p>For programs: <a href="/openapi.json">/openapi.json</a> (OpenAPI 3.1).</p><nav><ul>'
    for tag in document["tags"]:
        yield f'<li><a href="#{_anchor(tag["name"])}">{escape(tag["name"])}</a></li>'
    yield '<li><a href="#schemas">schemas</a></li></ul></nav>'
    for tag in document["tags"]:
        yield f'<h2 id="{_anchor(tag["name"])}">{escape(tag["name"])}</h2><p>{escape(tag["description"])}</p>'
        for path, operations in document["paths"].items():
            for verb, operation in operations.items():
                if tag["name"] in operation.get("tags", ()):
                    yield from _operation(verb.upper(), path, operation)
    yield '<h2 id="schemas">schemas</h2>'
    for name, schema in document["components"]["schemas"].items():
        yield from _schema(name, schema)
    yield "</main></html>"


def _operation(verb: str, path: str, operation: Mapping[str, Any]) -> Iterator[str]:
    yield f'<h3 id="{escape(operation["operationId"])}">'
    yield f'<span class="verb {verb}">{verb}</span> <code>{escape(path)}</code></h3>'
    yield f"<p><strong>{escape(operation['summary'])}.</strong></p>{_text(operation.get('description', ''))}"
    parameters = operation.get("parameters", ())
    if parameters:
        yield "<details><summary>Parameters</summary><table><tr><th>name<th>in<th>form<th>meaning</tr>"
        for each in parameters:
            needed = "" if each.get("required") else ' <span class="muted">optional</span>'
            yield f"<tr><td><code>{escape(each['name'])}</code>{needed}<td>{each['in']}<td>{_form(each['schema'])}"
            yield f"<td>{_inline(each.get('description', ''))}</tr>"
        yield "</table></details>"
    body = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if body:
        example = json.dumps(body["example"], ensure_ascii=False, indent=2)
        yield f"<details><summary>Body: {_form(body['schema'])}</summary><pre>{escape(example)}</pre></details>"
    yield "<details><summary>Answers</summary><table>"
    for status, answer in sorted(operation["responses"].items()):
        forms = " or ".join(
            f"{_form(content.get('schema', {}))} <span class=muted>{escape(kind)}</span>"
            for kind, content in answer.get("content", {}).items()
        )
        yield f"<tr><td>{escape(status)}<td>{forms}<td>{_inline(answer['description'])}</tr>"
    yield "</table></details>"


def _schema(name: str, schema: Mapping[str, Any]) -> Iterator[str]:
    yield f'<details id="schema-{escape(name)}"><summary><strong>{escape(name)}</strong></summary>'
    yield f"{_text(schema.get('description', ''))}<table>"
    required = schema.get("required", ())
    for field, form in schema.get("properties", {}).items():
        needed = "" if field in required else ' <span class="muted">optional</span>'
        yield f"<tr><td><code>{escape(field)}</code>{needed}<td>{_form(form)}"
        yield f"<td>{_inline(form.get('description', ''))}</tr>"
    yield "</table></details>"


def _form(schema: Mapping[str, Any]) -> str:
    """Say in a few words what a value looks like."""
    if "$ref" in schema:
        name = escape(schema["$ref"].rpartition("/")[2])
        return f'<a href="#schema-{name}">{name}</a>'
    if "anyOf" in schema:
        return " or ".join(_form(each) for each in schema["anyOf"])
    if "enum" in schema:
        return " · ".join(f"<code>{escape(str(each))}</code>" for each in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_form(schema.get('items', {}))}"
    said = str(schema.get("format") or schema.get("type") or "anything")
    if "pattern" in schema:
        return f"<code>{escape(schema['pattern'])}</code>"
    if "maxLength" in schema:
        said += f" of at most {schema['maxLength']:,} characters"
    return escape(said)


def _text(markdown: str) -> str:
    return "".join(f"<p>{_inline(part)}</p>" for part in markdown.split("\n\n") if part.strip())


def _inline(markdown: str) -> str:
    """Render the two marks that descriptions use: bold and code."""
    text = re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", escape(markdown))
    return re.sub(r"`(.+?)`", r"<code>\1</code>", text)


def _anchor(name: str) -> str:
    return "tag-" + re.sub(r"[^a-z]+", "-", name.lower())
