"""A sealed value opens in its own row alone, whole and unchanged, and shows nothing before."""

from dataclasses import replace
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from audit import commitment
from ledger import typeid
from ledger.people.sealing import BOOK, DataKey, SealBroken, Sealing, seal, unseal

SECRET = bytes(range(32))
KEY = DataKey(tenant_id=1, key_id=UUID(int=1), secret=SECRET, cipher=AESGCM(SECRET))
EVENT = typeid.new_id()
PUBLIC = typeid.encode(typeid.ENTRY, EVENT)
ACTOR = "tk_01h455vb4pex5vsknk084sn02q"


def sealed_of(sealing: Sealing) -> list[bytes]:
    parameters = sealing.parameters()
    packed, starts, sizes = (parameters[f"seal_{name}"] for name in ("bytes", "start", "size"))
    assert isinstance(packed, bytes)
    cuts = zip(*(map(int, str(each)[1:-1].split(",")) for each in (starts, sizes)), strict=True)
    return [packed[start - 1 : start - 1 + size] for start, size in cuts]


def test_what_is_sealed_opens_its_commitment() -> None:
    sealing = Sealing(KEY, retention=BOOK, count=2)
    committed = [
        sealing.commit(EVENT, PUBLIC, "actor", ACTOR, fiscal_year=2024),
        sealing.commit(EVENT, PUBLIC, "description", "Thu quỹ", fiscal_year=2024),
    ]
    actor, description = sealed_of(sealing)
    found = [unseal(KEY, EVENT, "actor", None, actor), unseal(KEY, EVENT, "description", "Thu quỹ", description)]
    assert [each.value for each in found] == [ACTOR, "Thu quỹ"]
    for each, leaf in zip(found, committed, strict=True):
        assert commitment.opens(leaf, each.salt, PUBLIC, each.field, each.value)
    assert found[0].salt != found[1].salt


def test_only_working_text_stands_in_plain() -> None:
    sealing = Sealing(KEY, retention=BOOK, count=2)
    sealing.commit(EVENT, PUBLIC, "actor", ACTOR, fiscal_year=2024)
    sealing.commit(EVENT, PUBLIC, "description", "Thu", fiscal_year=2025)
    parameters = sealing.parameters()
    assert parameters["seal_value"] == '{NULL,"Thu"}'
    assert parameters["seal_year"] == "{2024,2025}"
    assert ACTOR.encode() not in b"".join(sealed_of(sealing))


def test_a_key_and_an_opened_value_do_not_print() -> None:
    plain, sealed = seal(KEY, EVENT, "actor", ACTOR, SECRET)
    assert plain is None
    for text in (repr(KEY), repr(unseal(KEY, EVENT, "actor", None, sealed))):
        assert SECRET.hex() not in text
        assert repr(SECRET) not in text


def test_a_value_sealed_with_its_old_salt_opens_with_it() -> None:
    for field, value in (("actor", ACTOR), ("description", "Thu")):
        plain, sealed = seal(KEY, EVENT, field, value, SECRET)
        opened = unseal(KEY, EVENT, field, plain, sealed)
        assert (opened.value, opened.salt) == (value, SECRET)


def test_no_bit_can_be_changed_and_no_byte_left_out() -> None:
    _, sealed = seal(KEY, EVENT, "actor", ACTOR, SECRET)
    for bit in range(len(sealed) * 8):
        changed = bytearray(sealed)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(SealBroken):
            unseal(KEY, EVENT, "actor", None, bytes(changed))
    for size in range(len(sealed)):
        with pytest.raises(SealBroken):
            unseal(KEY, EVENT, "actor", None, sealed[:size])


def test_no_row_opens_in_anothers_place() -> None:
    _, actor = seal(KEY, EVENT, "actor", ACTOR, SECRET)
    _, description = seal(KEY, EVENT, "description", "Thu", SECRET)
    other = bytes(32)
    attempts = [
        (KEY, typeid.new_id(), "actor", None, actor),
        (KEY, EVENT, "reason", None, actor),
        (KEY, EVENT, "actor", ACTOR, actor),  # a plain value put where there was none
        (KEY, EVENT, "description", None, description),  # or taken away
        (replace(KEY, tenant_id=2), EVENT, "actor", None, actor),
        (replace(KEY, cipher=AESGCM(other)), EVENT, "actor", None, actor),
    ]
    for key, event_id, field, value, sealed in attempts:
        with pytest.raises(SealBroken):
            unseal(key, event_id, field, value, sealed)
