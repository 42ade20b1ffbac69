"""The gates lint and render: what helm says of a chart, and whether it renders."""

from collections.abc import Iterator, Mapping

from release_kit.documents.rendering import Rendering
from release_kit.engines.gates import helm_messages
from release_kit.engines.gates.objects import KubeObject, objects, parts, read_part
from release_kit.engines.gates.places import place
from release_kit.values.finding import Finding, Gate
from release_kit.values.yaml_source import YamlError

Files = Mapping[str, bytes]


def check_lint(rendering: Rendering) -> list[Finding]:
    """Reports what `helm lint --strict` finds."""
    if not rendering.lint.error:
        return []
    said = helm_messages.lint(rendering.lint.text) or [helm_messages.template(rendering.lint.error)]
    remedy = "`helm lint --strict` shows it, too"
    return [Finding(Gate.LINT, one.message, remedy, one.file, one.line, rendering.values) for one in said]


def check_render(rendering: Rendering, files: Files) -> list[Finding]:
    """Reports that a chart does not render with this values file, renders nothing, or something that is no YAML."""
    if rendering.plain.error and (found := list(_unreadable(rendering, files))):
        # Helm says what it could not read, but not where in the template.
        return found
    if rendering.plain.error:
        said = helm_messages.template(rendering.plain.error)
        remedy = f"correct the template, or the value in {rendering.values}"
        if "dependencies" in said.message:
            remedy = "run `helm dependency build`, or add the charts to charts/"
        message = f"does not render: {said.message}"
        return [Finding(Gate.RENDER, message, remedy, said.file, said.line, rendering.values)]
    found = list(_unreadable(rendering, files))
    if not found and not any(objects(rendering.plain.text)):
        remedy = "a chart that renders nothing installs nothing: enable a part of it in this values file"
        found.append(Finding(Gate.RENDER, "renders no object", remedy, values=rendering.values))
    return found


def _unreadable(rendering: Rendering, files: Files) -> Iterator[Finding]:
    for part in parts(rendering.plain.text):
        try:
            found = list(read_part(part))
        except YamlError as error:
            file, line = place(part.template, part.text, error.line, files)
            message, remedy = f"renders no YAML: {error.message}", "quote the value, or correct the indentation"
            yield Finding(Gate.RENDER, message, remedy, file, line, rendering.values)
            continue
        for each in found:
            yield from _duplicates(each, rendering, files)


def _duplicates(each: KubeObject, rendering: Rendering, files: Files) -> Iterator[Finding]:
    for duplicate in each.document.duplicates:
        file, line = place(each.part.template, each.part.text, duplicate.line, files)
        message = f"the key {duplicate.path[-1]!r} stands twice: only the last one counts"
        thing = each.thing(duplicate.path)
        yield Finding(Gate.RENDER, message, "take one of them out", file, line, rendering.values, thing)
