"""Steps of nbgrader's own `autograde` that keep hand-ins apart, so that formgrader's button is as safe as `grade`."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any, TextIO

from nbconvert.exporters import NotebookExporter
from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.preprocessors import Execute, NbGraderPreprocessor

from kit.files import harmless

from .execute import execute, gather, refuse_links
from .grade import read
from .restore import masters, restore
from .sandbox import Limits, isolation


class ReadHandIn(NotebookExporter):
    """`read`, in nbgrader's `Autograde.exporter_class`: its form is mended, or the reason why not is told."""

    def from_file(self, file_stream: TextIO, resources: dict | None = None, **kw: Any) -> tuple[NotebookNode, dict]:
        return self.from_notebook_node(read(Path(file_stream.name)), resources=resources, **kw)


class RestoreCells(NbGraderPreprocessor):
    """`restore`, first in nbgrader's `Autograde.sanitize_preprocessors`."""

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        about = resources["nbgrader"]
        refuse_links(Path(resources["metadata"]["path"]))
        with Gradebook(about["db_url"]) as gradebook:
            originals = masters(gradebook, about["notebook"], about["assignment"])
        for words in restore(nb, originals):
            self.log.warning("%s: %s", about["student"], harmless.line(words))
        return nb, resources


class ExecuteApart(Execute):
    """`execute`, in the place of nbgrader's `Execute`; `c.Execute.timeout` holds for it too."""

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        if not isolation():
            self.log.warning(isolation().words())
        with tempfile.TemporaryDirectory() as folder:
            given = Path(folder) / "given"
            gather(given, Path(resources["metadata"]["path"]))
            limits = Limits(cell=float(self.timeout or 60))
            for words in execute(nb, given, limits, (Path(os.getcwd()),)):
                self.log.error("%s: %s", resources["nbgrader"]["student"], harmless.line(words))
        return nb, resources
