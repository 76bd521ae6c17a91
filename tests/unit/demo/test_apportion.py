import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.demo.apportion import apportion

weights = st.lists(st.integers(0, 10_000), min_size=1, max_size=50).filter(any)


@given(total=st.integers(0, 10**12), shares=weights, unit=st.sampled_from([1, 1_000, 50_000]))
def test_parts_sum_to_the_whole(total: int, shares: list[int], unit: int) -> None:
    parts = apportion(total, shares, unit=unit)
    assert sum(parts) == total
    assert min(parts) >= 0
    assert sum(part % unit != 0 for part in parts) <= 1


@given(total=st.integers(0, 10**12), shares=weights)
def test_no_part_is_a_whole_unit_off_its_share(total: int, shares: list[int]) -> None:
    parts = apportion(total, shares)
    assert all(abs(part * sum(shares) - total * share) < sum(shares) for part, share in zip(parts, shares, strict=True))


@pytest.mark.parametrize(
    ("total", "shares", "unit"), [(-1, [1], 1), (1, [], 1), (1, [0], 1), (1, [-1, 2], 1), (1, [1], 0)]
)
def test_what_cannot_be_cut_is_refused(total: int, shares: list[int], unit: int) -> None:
    with pytest.raises(ValueError, match="a total"):
        apportion(total, shares, unit=unit)
