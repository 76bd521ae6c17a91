"""Cut a whole into parts without losing a đồng."""

from collections.abc import Sequence


def apportion(total: int, weights: Sequence[int], *, unit: int = 1) -> list[int]:
    """Return parts in proportion to the weights that sum to ``total`` exactly (largest remainder).

    Every part is a multiple of ``unit``; what ``total`` has beyond a multiple goes to the first of the largest parts.
    """
    if total < 0 or unit < 1 or not weights or min(weights) < 0 or not sum(weights):
        raise ValueError("a total, a unit and weights of nothing or more, one of them above nothing")
    whole, rest = divmod(total, unit)
    weight_sum = sum(weights)
    parts = [whole * weight // weight_sum for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda index: (-(whole * weights[index] % weight_sum), index))
    for index in by_remainder[: whole - sum(parts)]:
        parts[index] += 1
    parts = [part * unit for part in parts]
    parts[parts.index(max(parts))] += rest
    return parts
