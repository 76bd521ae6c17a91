"""Documents, as they go out, and what they are attached to."""

from typing import Annotated, Final, Literal

from pydantic import AwareDatetime, Field

from api.schemas.field import Description, DocumentId, EntryIdIn, EventId, EventIdIn, In, Out
from ledger import typeid
from ledger.documents.attachment import Attachment
from ledger.documents.store import Document

Kind = Literal[
    "voucher", "list", "receipt", "decision", "minutes", "contract", "statement", "consent", "photo", "other"
]

ScanType = Literal["application/pdf", "image/jpeg", "image/png", "image/heic"]
ListType = Literal[
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.ms-excel",
    "application/vnd.oasis.opendocument.spreadsheet",
    "text/csv",
]

ATTACHMENT_EXAMPLE: Final = {"entry": "en_01h9hsy4k1fz8tq3v2w5n7c9ar", "kind": "voucher"}
DISOWNING_EXAMPLE: Final = {"reason": "Bản quét của phiếu khác"}


class AttachmentIn(In):
    """What a document belongs to: an entry, or another event of the book."""

    entry: Annotated[EntryIdIn | None, Field(description="The entry that rests on it")] = None
    event: Annotated[EventIdIn | None, Field(description="… or another event of the book")] = None
    kind: Annotated[Kind, Field(description="What kind of paper it is; published with the leaf")]


class DisowningIn(In):
    """Why a document was attached by mistake; sealed."""

    reason: Annotated[Description, Field(description="Why, in words")]


class DocumentOut(Out):
    """A document that is kept."""

    document: Annotated[DocumentId, Field(validation_alias="document_id")]
    name: Annotated[str, Field(description="The name that it came with")]
    media_type: Annotated[ScanType | ListType, Field(description="A scan, or the original of a list")]
    byte_size: int
    page_count: int
    sha256: Annotated[str, Field(description="Of its bytes; what a leaf commits to")]
    created_at: AwareDatetime

    @classmethod
    def told(cls, document: Document) -> "DocumentOut":
        """Spell a document for the API."""
        facts = {
            name: getattr(document, name) for name in ("name", "media_type", "byte_size", "page_count", "created_at")
        }
        return cls.model_validate({**facts, "document_id": document.document_id, "sha256": document.sha256.hex()})


class OwnDocumentOut(Out):
    """A document as whoever sent it sees it; without a name, because another may have sent the same bytes before."""

    document: Annotated[DocumentId, Field(validation_alias="document_id")]
    media_type: ScanType
    byte_size: int
    page_count: int
    sent_at: AwareDatetime
    is_attached: Annotated[bool, Field(description="It belongs to an entry or another event by now")]


class OwnDocumentsOut(Out):
    """Documents that the caller sent, the newest first."""

    rows: list[OwnDocumentOut]


class AttachmentOut(Out):
    """A document where it is attached; without a document where it was erased or lost."""

    attachment: EventId
    entry: Annotated[str | None, Field(description="What it is attached to, if an entry")]
    event: Annotated[str | None, Field(description="… or another event")]
    kind: Kind
    document: DocumentId | None
    name: str | None
    media_type: str | None
    byte_size: int | None
    page_count: int | None
    is_disowned: Annotated[bool, Field(description="It was attached by mistake")]
    recorded_at: AwareDatetime

    @classmethod
    def told(cls, attachment: Attachment) -> "AttachmentOut":
        """Spell an attachment for the API."""
        prefix = typeid.ENTRY if attachment.is_entry else typeid.EVENT
        target = typeid.encode(prefix, attachment.target_id)
        return cls(
            attachment=typeid.encode(typeid.EVENT, attachment.event_id),
            entry=target if attachment.is_entry else None,
            event=None if attachment.is_entry else target,
            kind=attachment.kind,  # type: ignore[arg-type] # one of the database's kinds
            document=None
            if attachment.document_id is None or attachment.name is None
            else typeid.encode(typeid.DOCUMENT, attachment.document_id),
            name=attachment.name,
            media_type=attachment.media_type,
            byte_size=attachment.byte_size,
            page_count=attachment.page_count,
            is_disowned=attachment.is_disowned,
            recorded_at=attachment.recorded_at,
        )


class AttachmentsOut(Out):
    """What is attached to something, the wrong ones too."""

    rows: list[AttachmentOut]


class AttachedOut(Out):
    """The event that attached a document, or disowned it."""

    event: EventId
