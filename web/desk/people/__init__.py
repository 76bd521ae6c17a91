"""The register of an association's people, as those who keep it see it."""
