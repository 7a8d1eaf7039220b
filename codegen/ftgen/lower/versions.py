# SPDX-License-Identifier: Apache-2.0
"""Version ranges as C++ conditions over `version`, which is one of the window or, where none was said, above it."""
from __future__ import annotations

from ftgen.model import Protocol, Versions


def condition(versions: Versions, protocol: Protocol) -> str | None:
    """Under which a thing is there; None if it is there in the whole window."""
    parts = [f"version >= {versions.added}"] if versions.added > protocol.min_version else []
    if versions.removed is not None and versions.removed <= protocol.current_version:
        parts.append(f"version < {versions.removed}")
    return " && ".join(parts) or None
