"""What every answer tells the browser to refuse: foreign scripts, pictures, frames, and guessing of types."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable

Headers = tuple[tuple[bytes, bytes], ...]


def shield(*, is_https: bool, scripts: Iterable[str]) -> Headers:
    """Return the security headers. `scripts` are the inline scripts of our own pages, allowed by their hashes.

    Streamlit writes its styles into the page as it goes, hence `unsafe-inline` for styles alone; its charts
    come with an interpreter, so that no page needs `unsafe-eval`. The referrer goes to our own pages only;
    without any, browsers would also hide the Origin of our forms.
    """
    policy = {
        "default-src": "'none'",
        "script-src": " ".join(["'self'", *(_hash(script) for script in scripts)]),
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data: blob:",
        "font-src": "'self' data:",
        "connect-src": "'self'",
        "media-src": "'self'",
        "manifest-src": "'self'",
        "worker-src": "'self' blob:",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
        "object-src": "'none'",
    }
    headers = {
        "content-security-policy": "; ".join(f"{key} {value}" for key, value in policy.items()),
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "referrer-policy": "same-origin",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), interest-cohort=()",
    }
    if is_https:
        headers["strict-transport-security"] = "max-age=31536000"
    return tuple((key.encode(), value.encode()) for key, value in headers.items())


def _hash(script: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"
