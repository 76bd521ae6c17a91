"""Ask the witnesses of a policy to cosign a checkpoint, all at once, and hold what they have seen against it.

A witness that is behind is brought up with a consistency proof; one that is ahead, or knows another root, has seen a
log that is not this one, and then nothing is published at all. One that is silent is missed only if the policy's
quorum is.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final

from audit.checkpoint import Checkpoint
from audit.note import Signature, SignedNote
from audit.policy import Policy, PolicyWitness
from audit.publisher import WitnessAhead
from audit.tiles import TileHashes
from audit.witness import (
    Post,
    WitnessAtOtherSize,
    WitnessConflict,
    WitnessError,
    WitnessProofRefused,
    add_checkpoint,
    post_over_http,
)

TRIES_MAX: Final = 3
"""Each answer of another size is one more; a witness that another publisher feeds at the same time moves on."""


@dataclass(slots=True)
class WitnessCosigner:
    """Keeps in mind what each witness saw last, so that it is asked once; ``failures`` are those of the last run."""

    policy: Policy
    post: Post = post_over_http
    failures: dict[str, str] = field(default_factory=dict)
    _seen: dict[str, int] = field(default_factory=dict)

    def cosign(self, checkpoint: Checkpoint, note: SignedNote, tree: TileHashes) -> Sequence[Signature]:
        """Return the cosignatures that were to be had.

        Raises:
            WitnessAhead: a witness has seen a log that this is not.
            PolicyError: too few for the policy's quorum.
        """
        asked = [witness for witness in self.policy.witnesses if witness.url is not None]
        # What was seen of a larger log is of no use here: asked from 0, a witness says itself how far it has seen this.
        self._seen = {name: size for name, size in self._seen.items() if size <= checkpoint.size}
        proofs = {self._seen.get(each.name, 0) for each in asked}
        prepared = {size: self._proof(tree, size, checkpoint.size) for size in proofs}
        with ThreadPoolExecutor(max_workers=max(1, min(len(asked), 16))) as pool:
            first = list(pool.map(lambda each: self._ask(each, note, prepared), asked))
        signatures = []
        self.failures.clear()
        for witness, answer in zip(asked, first, strict=True):
            # Proofs are read from the database's one connection, so what needs another proof is asked in turn.
            found = self._again(witness, checkpoint, note, tree, answer)
            if isinstance(found, WitnessError):
                self.failures[witness.name] = found.code
            else:
                signatures.append(found)
        self.policy.check(SignedNote(note.text, (*note.signatures, *signatures)))
        return signatures

    def _again(
        self,
        witness: PolicyWitness,
        checkpoint: Checkpoint,
        note: SignedNote,
        tree: TileHashes,
        answer: Signature | WitnessError,
    ) -> Signature | WitnessError:
        for _ in range(TRIES_MAX):
            if not isinstance(answer, WitnessAtOtherSize) or answer.size > checkpoint.size:
                break
            self._seen[witness.name] = answer.size
            proofs = {answer.size: self._proof(tree, answer.size, checkpoint.size)}
            answer = self._ask(witness, note, proofs)
        # Also after the last try: whoever has seen more is ahead, however often it changed its mind before.
        is_ahead = isinstance(answer, WitnessAtOtherSize) and answer.size > checkpoint.size
        if is_ahead or isinstance(answer, WitnessConflict | WitnessProofRefused):
            raise WitnessAhead(witness.name)
        if not isinstance(answer, WitnessError):
            self._seen[witness.name] = checkpoint.size
        return answer

    def _ask(
        self, witness: PolicyWitness, note: SignedNote, proofs: dict[int, list[bytes]]
    ) -> Signature | WitnessError:
        old_size = self._seen.get(witness.name, 0)
        try:
            cosigned = add_checkpoint(
                witness.url or "",
                key=witness.key,
                old_size=old_size,
                proof=proofs[old_size],
                checkpoint_note=note.encode(),
                post=self.post,
            )
        except WitnessError as error:
            return error
        return cosigned.signature

    def _proof(self, tree: TileHashes, old_size: int, size: int) -> list[bytes]:
        return tree.consistency_proof(old_size) if 0 < old_size < size else []
