"""What a refusal looks like, for the OpenAPI document; ``api/problems.py`` makes it."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class ErrorOut(BaseModel):
    """One fault, and where it is; further members carry the codes, days and amounts that the text speaks of."""

    model_config = ConfigDict(extra="allow")

    code: Annotated[str, Field(examples=["account_unknown"])]
    pointer: Annotated[str | None, Field(description="RFC 6901", examples=["/entries/3/lines/0/account"])] = None
    parameter: Annotated[str | None, Field(description="A parameter of query, path or header")] = None
    row: Annotated[int | None, Field(description="The entry of a batch, from 1", examples=[4])] = None
    field: str | None = None
    detail: Annotated[str, Field(examples=["Sổ này không có tài khoản 1119. Kiểm tra số, hoặc mở tài khoản trước."])]
    detail_en: str


class Problem(BaseModel):
    """RFC 9457: what was refused and why, in Vietnamese and English, all faults at once."""

    model_config = ConfigDict(extra="allow")

    type: Annotated[str, Field(examples=["urn:soquy:problem:posting_refused"])]
    status: Annotated[int, Field(examples=[422])]
    code: Annotated[str, Field(description="Stable; programs decide by it", examples=["posting_refused"])]
    title: str
    title_en: str
    detail: str
    detail_en: str
    request_id: str | None
    errors: list[ErrorOut]
