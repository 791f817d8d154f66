"""Templates: strict, escaped, and with the addresses and digests of what they load."""

from typing import Any

import attrs
import jinja2
from markupsafe import Markup

from payments_web.pages.assets import Assets


@attrs.frozen
class Renderer:
    """Turns a template and what it shows into a page."""

    environment: jinja2.Environment

    @classmethod
    def over(cls, assets: Assets) -> "Renderer":
        """A renderer whose pages load *assets*."""
        environment = jinja2.Environment(
            loader=jinja2.PackageLoader("payments_web.pages", "templates"),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        environment.globals |= {
            "script": lambda name: _script(assets, name),
            "style": lambda name: _style(assets, name),
            "asset": lambda name: assets[name].url,
        }
        return cls(environment)

    def page(self, template: str, **shown: Any) -> str:
        """The page as text."""
        return self.environment.get_template(template).render(**shown)


def _script(assets: Assets, name: str) -> Markup:
    asset = assets[name]
    tag = Markup('<script src="{}" integrity="{}" crossorigin="anonymous" defer></script>')
    return tag.format(asset.url, asset.integrity)


def _style(assets: Assets, name: str) -> Markup:
    asset = assets[name]
    tag = Markup('<link rel="stylesheet" href="{}" integrity="{}" crossorigin="anonymous">')
    return tag.format(asset.url, asset.integrity)
