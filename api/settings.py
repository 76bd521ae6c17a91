"""Settings, read from the environment (``SOQUY_…``) once, when a command starts.

URLs may hold passwords, so they are ``SecretStr``: whatever prints settings prints stars. Every limit on what a
caller may ask for stands here with its default.
"""

from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from api.embedded import default_home

PORT_DEFAULT: Final = 8000

MEBIBYTE: Final = 1024 * 1024

PUBLIC_URL_PATTERN: Final = r"^https?://[A-Za-z0-9.-]{1,200}(:[0-9]{1,5})?(/[A-Za-z0-9._~/-]{0,200})?$"


class Settings(BaseSettings):
    """What a deployment may choose; each field is the variable of its name, ``SOQUY_PORT`` for ``port``."""

    model_config = SettingsConfigDict(env_prefix="SOQUY_", env_ignore_empty=True, extra="ignore", frozen=True)

    home: Path = Field(default_factory=default_home)
    """Where the embedded server and its data live."""

    database_url: SecretStr | None = None
    """Another PostgreSQL (15 or newer) instead of the embedded one."""

    admin_database_url: SecretStr | None = None
    """The same database as a user who may migrate it; ``database_url`` where it is not given."""

    vault_key_file: Path | None = None
    """The key-encryption key of the vault, 32 bytes in hexadecimal or base64; ``keys/vault.key`` in the home."""

    vault_key_command: SecretStr | None = None
    """A command that prints it instead; run without a shell."""

    host: str = "127.0.0.1"

    public_url: Annotated[str, Field(pattern=PUBLIC_URL_PATTERN)] | None = None
    """Where everybody reaches the service, as it is printed on papers and in their codes; a demo has its own."""

    words_nought_tens: Literal["linh", "lẻ"] = "linh"
    """How amounts in words say that the tens are nought: một trăm linh năm, or lẻ năm."""

    words_thousand: Literal["nghìn", "ngàn"] = "nghìn"

    port: Annotated[int, Field(ge=1, le=65_535)] | None = None
    """Without one: 8000, or the next that is free."""

    connection_count_max: Annotated[int, Field(ge=1, le=1_000)] = 20
    """Connections to the database, and requests at work at once; more than a few per core only queue inside it."""

    body_size_max: Annotated[int, Field(ge=1_024)] = 32 * MEBIBYTE
    """In bytes: a batch of 100,000 entries of two lines takes about 25 MiB."""

    body_seconds_max: Annotated[int, Field(ge=1)] = 60
    """How long a request's body may take to arrive."""

    request_seconds_max: Annotated[int, Field(ge=1)] = 60
    """How long the database may work on one statement of a request."""

    lock_seconds_max: Annotated[int, Field(ge=1)] = 20
    """How long a request may wait for its turn at a book."""

    job_thread_count: Annotated[int, Field(ge=0, le=64)] = 2
    """Threads that do long work; none where another process does it."""

    log_database_url: SecretStr | None = None
    """The same database as the role that numbers and publishes; ``admin_database_url`` acting as it where not given."""

    log_publisher: Literal["inside", "none"] = "inside"
    """Whether the service numbers and publishes itself, or leaves it to ``soquy log publish --follow``."""

    log_origin: Annotated[str, Field(pattern=r"^[A-Za-z0-9._:/-]{1,64}$")] | None = None
    """The log's name for ever, its URL without the scheme; looked at when the log begins, and made up without one."""

    log_folder: Path | None = None
    """Where the public files go; ``log`` in the home without one. What is not yet public lies beside, in ``…-held``."""

    log_key_folder: Path | None = None
    """Where the keys that sign are; ``keys/log`` in the home without one."""

    log_policy: Path | None = None
    """A file in the form of https://c2sp.org/tlog-policy: the witnesses to ask, and how many must cosign."""

    log_lag_seconds: Annotated[int, Field(ge=0, le=366 * 86_400)] = 86_400
    """How long leaves stay private after their checkpoint: what a village's till holds today is nobody's business."""

    log_numbering_seconds: Annotated[float, Field(gt=0, le=3_600)] = 1.0
    log_checkpoint_seconds: Annotated[float, Field(gt=0, le=86_400)] = 10.0

    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @field_validator("public_url")
    @classmethod
    def _without_slash(cls, value: str | None) -> str | None:
        return None if value is None else value.rstrip("/")

    @field_validator("log_level", mode="before")
    @classmethod
    def _lower(cls, value: object) -> object:
        return value.lower() if isinstance(value, str) else value
