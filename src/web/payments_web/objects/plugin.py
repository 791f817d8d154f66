"""How the public shapes come into a gateway: through the same hook as anybody's."""

from collections.abc import Mapping

from payments_core.hookspecs import hookimpl
from payments_web.objects.replies import ReplyingPresenter


@hookimpl
def payments_presenter(settings: Mapping[str, str]) -> ReplyingPresenter:
    """Show nouns in the shapes of the public API; `base_url` in the settings makes links absolute."""
    return ReplyingPresenter(base_url=settings.get("base_url"))
