"""Print what beancount makes of a file, as JSON: a program of its own, so that no product code ever loads beancount.

``{"errors": [text, …], "units": {account: {currency: number}}, "value": {account: đồng}}``; the value is what postings
weigh in đồng.
"""

import json
import sys
from collections import defaultdict
from decimal import Decimal
from typing import Any

from beancount import loader
from beancount.core import convert, data


def main(path: str) -> None:
    entries, errors, _ = loader.load_file(path)
    units: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    value: dict[str, Decimal] = defaultdict(Decimal)
    for entry in entries:
        if isinstance(entry, data.Transaction):
            for posting in entry.postings:
                own: Any = posting.units
                units[posting.account][own.currency] += own.number
                value[posting.account] += convert.get_weight(posting).number  # type: ignore[no-untyped-call]
    found = {"errors": [error.message for error in errors], "units": units, "value": value}
    json.dump(found, sys.stdout, default=str)


if __name__ == "__main__":
    main(sys.argv[1])
