"""What browsers are told to refuse: policies as headers, and whether a request comes from our own page. No rendering."""

from typing import Final
from urllib.parse import urlsplit

from starlette.requests import Request

NOWHERE: Final = "'none'"
ANYWHERE: Final = "*"
_POLICY: Final = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "require-trusted-types-for": "'script'",
}


def headers(*, framed_by: str = NOWHERE, pictures: str = "", posts_to: str = "") -> dict[str, str]:
    """The headers of a page: nothing inline, nothing from elsewhere but *pictures*, framed by *framed_by* alone.

    *posts_to*: where the answer to a form may lead, beside ourselves.
    """
    policy = {**_POLICY, "frame-ancestors": framed_by}
    if pictures:
        policy["img-src"] += f" {pictures}"
    if posts_to:
        policy["form-action"] += f" {posts_to}"
    told = {
        "content-security-policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "cache-control": "no-store",
        # Ourselves alone: with no referrer at all, our own forms would come from "null".
        "referrer-policy": "same-origin",
        "x-content-type-options": "nosniff",
        "permissions-policy": "camera=(), geolocation=(), microphone=(), browsing-topics=()",
    }
    if framed_by == NOWHERE:
        told |= {"x-frame-options": "DENY", "cross-origin-opener-policy": "same-origin-allow-popups"}
    return told


def is_ours(request: Request) -> bool:
    """Whether the request comes from a page of ours: browsers say so, and other programs have no payer's session to abuse."""
    site = request.headers.get("sec-fetch-site")
    if site is not None and site not in ("same-origin", "none"):
        return False
    origin = request.headers.get("origin")
    if origin in (None, "null"):
        # A page without a referrer has the origin "null" for forms; then the browser's own word about the site must stand.
        return origin is None or site == "same-origin"
    return _host(origin) == request.headers.get("host")


def origin_of(url: str) -> str:
    """The origin of an address, as policies name it."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _host(origin: str) -> str:
    return urlsplit(origin).netloc
