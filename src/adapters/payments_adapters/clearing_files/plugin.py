"""Clearing files, through the same door as anybody's plugin. `clearing_files` sets the folder; `off` writes none."""

from collections.abc import Mapping
from pathlib import Path

from payments_adapters.clearing_files.folder import ClearingFolder
from payments_core.hookspecs import hookimpl
from payments_core.ports import ClearingFiles


@hookimpl(trylast=True)
def payments_clearing_files(settings: Mapping[str, str]) -> ClearingFiles | None:
    """The folder of `settings["clearing_files"]`, or `clearing` in the data folder."""
    told = settings.get("clearing_files")
    if told == "off" or (told is None and "data" not in settings):
        return None
    return ClearingFolder(Path(told) if told else Path(settings["data"]) / "clearing")
