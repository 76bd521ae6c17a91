"""A commune's desk, where people of each role receive; made by the commands that real work uses."""

from tests.integration.access.conftest import Place, database_admin, place

__all__ = ["Place", "database_admin", "place"]
