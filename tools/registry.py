"""Keep the hosts of package registries out of the repository: everybody installs from where they like."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from tools.environment import CHECKOUT


def registry_hosts() -> set[str]:
    """Ask this machine's package clients which hosts they talk to; the repository names none of them."""
    commands = (
        [sys.executable, "-c", "from pip._internal.models.index import PyPI as p; print(p.url, p.file_storage_domain)"],
        [sys.executable, "-m", "pip", "config", "list"],
        ["npm", "config", "get", "registry"],
    )
    said = [
        subprocess.run(command, check=False, capture_output=True, text=True).stdout
        for command in commands
        if shutil.which(command[0])
    ]
    sources = Path("/etc/apt")
    files = [sources / "sources.list", *sorted(sources.glob("sources.list.d/*"))]
    said.extend(path.read_text(encoding="utf-8", errors="replace") for path in files if path.is_file())
    said.extend(value for name, value in os.environ.items() if name.endswith(("INDEX_URL", "_INDEX", "_REGISTRY")))
    text = "\n".join(said)
    hosts = re.findall(r"https?://(?:[^/@\s]*@)?([^/:\s'\"]+)", text) + re.findall(
        r"(?m)\s([a-z0-9.-]+\.[a-z]+)$", text
    )
    return {host for host in hosts if "." in host}


def no_registry_is_named() -> int:
    """Fail when a file that is or could be committed names a package host, or uv.lock is tracked."""
    if subprocess.run(["git", "rev-parse"], check=False, cwd=CHECKOUT, capture_output=True).returncode:
        print("not a git checkout: nothing to search")
        return 0
    failed = 0
    patterns = [part for host in sorted(registry_hosts()) for part in ("-e", host)]
    grep = ["git", "grep", "--untracked", "-IlF", *patterns]
    found = subprocess.run(grep, check=False, cwd=CHECKOUT, capture_output=True, text=True).stdout if patterns else ""
    for path in found.splitlines():
        print(f"{path} names a host of a package registry")
        failed = 1
    tracked = subprocess.run(["git", "ls-files", "--", "*uv.lock"], check=False, cwd=CHECKOUT, capture_output=True)
    if tracked.stdout:
        print("uv.lock is tracked; it names package hosts. requirements*.txt are the locks.")
        failed = 1
    return failed


if __name__ == "__main__":
    sys.exit(no_registry_is_named())
