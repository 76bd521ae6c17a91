"""Decide whose signatures count, and open a checkpoint by them.

What the auditor names comes first: keys, or a policy. Else the keys with which the same log was audited before. Only
where there are none either are those taken that lie beside the log itself, and then it is said: they show that nobody
changed the export since, not who made it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from audit.checkpoint import Checkpoint, CheckpointError, open_checkpoint, parse_checkpoint
from audit.cosignature import CosignatureError
from audit.finding import Tampered, Unusable
from audit.memory import Memory
from audit.note import NoteError, SignedNote, VerifierKey, parse_note, parse_verifier_key
from audit.policy import POLICY_SIZE_MAX, Policy, PolicyError, QuorumMissed, parse_policy

GIVEN: Final = "given"
REMEMBERED: Final = "remembered"
EXPORT: Final = "export"
"""Where keys are from: named by the auditor, known from before, or taken from what is audited."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """The keys that count for a log, the policy if there is one, and where they are from."""

    keys: tuple[VerifierKey, ...]
    policy: Policy | None
    origin_of_keys: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A checkpoint whose signatures were checked."""

    checkpoint: Checkpoint
    note: SignedNote
    data: bytes
    trust: Trust
    witnesses: tuple[str, ...]
    unknown: tuple[str, ...]
    """Names of signatures by keys that nobody named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """What the auditor named."""

    keys: tuple[VerifierKey, ...] = ()
    policy: Policy | None = None


def read_named(key_texts: Sequence[str], policy_path: Path | None) -> Named:
    """Read the keys and the policy file that were given.

    Raises:
        Unusable: one of them is none.
    """
    keys = []
    for text in key_texts:
        try:
            keys.append(parse_verifier_key(text))
        except NoteError as error:
            raise Unusable("key_malformed", "--key", cause=error.code, fact=error.fact) from None
    if policy_path is None:
        return Named(keys=tuple(keys))
    try:
        with policy_path.open("rb") as file:
            data = file.read(POLICY_SIZE_MAX + 1)
    except OSError as error:
        raise Unusable("source_unreadable", str(policy_path), reason=str(error.strerror)) from error
    return Named(keys=tuple(keys), policy=read_policy(data, str(policy_path)))


def read_policy(data: bytes, where: str) -> Policy:
    """Return a policy.

    Raises:
        Unusable: it is none.
    """
    try:
        return parse_policy(data)
    except PolicyError as error:
        raise Unusable("policy_malformed", where, cause=error.code, fact=str(error)) from None


def origin_of(data: bytes, where: str) -> str:
    """Return whose checkpoint it says it is, before anything is believed.

    Raises:
        Tampered: it is no checkpoint.
    """
    try:
        return parse_checkpoint(parse_note(data).text).origin
    except (NoteError, CheckpointError) as error:
        raise Tampered("checkpoint_refused", where, cause=error.code, fact=error.fact) from None


def choose(named: Named, memory: Memory, origin: str, *, found: Named, where: str) -> Trust:
    """Return whose signatures count; ``found`` lies beside the log.

    Raises:
        Unusable: there is no key.
    """
    remembered = Named(keys=memory.keys)
    for each, origin_of_keys in ((named, GIVEN), (remembered, REMEMBERED), (found, EXPORT)):
        keys = each.keys
        if not keys and each.policy is not None:
            keys = tuple(log.key for log in each.policy.logs if log.key.name == origin)
            if not keys and each.policy.logs:
                raise Unusable("policy_other_log", where, origin=origin)
        if keys:
            policy = named.policy or _same_log(found.policy, keys)
            return Trust(keys=keys, policy=policy, origin_of_keys=origin_of_keys)
    raise Unusable("key_missing", where, origin=origin)


def _same_log(policy: Policy | None, keys: tuple[VerifierKey, ...]) -> Policy | None:
    """Ask for the export's own witnesses only where its log keys are the trusted ones."""
    if policy is None or not {log.key for log in policy.logs}.issuperset(keys):
        return None
    return policy


def open_trusted(data: bytes, origin: str, trust: Trust, where: str) -> Opened:
    """Return the checkpoint, once its signatures, and the cosignatures that the policy asks for, are right.

    Raises:
        Tampered: they are not.
    """
    try:
        checkpoint, note = open_checkpoint(data, origin=origin, keys=trust.keys)
        witnesses = () if trust.policy is None else trust.policy.check(note)
    except QuorumMissed as error:
        raise Tampered("quorum_missed", where, witnesses=", ".join(error.witnesses) or "-") from None
    except (NoteError, CheckpointError, CosignatureError, PolicyError) as error:
        raise Tampered("checkpoint_refused", where, cause=error.code, fact=error.fact) from None
    known = {(key.name, key.key_id) for key in trust.keys}
    if trust.policy is not None:
        known |= {(witness.key.name, witness.key.key_id) for witness in trust.policy.witnesses}
    return Opened(
        checkpoint=checkpoint,
        note=note,
        data=data,
        trust=trust,
        witnesses=witnesses,
        unknown=tuple(each.name for each in note.signatures if (each.name, each.key_id) not in known),
    )
