"""The query language comes in through the same door as anybody's."""

from collections.abc import Mapping

from payments_adapters.search.language import LarkLanguage
from payments_core.hookspecs import hookimpl


@hookimpl
def payments_query_language(settings: Mapping[str, str]) -> LarkLanguage:
    """Return the reader of search queries."""
    return LarkLanguage()
