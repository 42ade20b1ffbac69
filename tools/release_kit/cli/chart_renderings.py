"""The renderings that the gates read: made by helm, several at a time, or read from documents."""

import argparse
import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType

from release_kit.cli import chart_subject
from release_kit.cli.chart_subject import Subject
from release_kit.documents import rendering as documents
from release_kit.documents.fields import read_document
from release_kit.documents.rendering import Rendering
from release_kit.engines.background import Background
from release_kit.engines.gates.rendering import Renders


class Renderings:
    """All renderings of a chart; the folders for them are gone when the context ends."""

    def __init__(self, arguments: argparse.Namespace, subject: Subject) -> None:
        """Starts nothing yet."""
        self._arguments = arguments
        self._subject = subject
        self._stack = ExitStack()

    def __enter__(self) -> "Renderings":
        """Enters the context."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Waits for what is under way, and removes what helm wrote."""
        self._stack.close()

    def start(self) -> Iterator[Rendering]:
        """Starts helm, and returns the renderings in the order of the values files, as they are finished."""
        if self._arguments.rendering:
            return (read_document(Path(place), documents.from_fields) for place in self._arguments.rendering)
        folder = self._stack.enter_context(chart_subject.scratch())
        background = Background(os.cpu_count() or 2)
        helm = chart_subject.local_helm(self._arguments.helm, folder)
        chart = chart_subject.chart_to_render(self._subject, folder)
        config = self._subject.config
        under_way = [Renders(chart, values, config, helm, background) for values in config.values]
        self._stack.callback(background.drop)
        return (renders.result() for renders in under_way)
