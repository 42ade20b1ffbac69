"""The gates that look at images: image-policy and image-set."""

import difflib
import re
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import NamedTuple

from release_kit.documents.chart_gates import ChartGates
from release_kit.documents.rendering import Rendering
from release_kit.engines.gates import helm_messages
from release_kit.engines.gates.image_names import ImageNames, full
from release_kit.engines.gates.image_references import ImageUse, may_name_images, uses
from release_kit.engines.gates.objects import parts, read_part
from release_kit.values.finding import Finding, Gate
from release_kit.values.yaml_source import Path, YamlError, read_one

Files = Mapping[str, bytes]
Place = tuple[str, int, Path, str]


def images(text: str, config: ChartGates) -> list[ImageUse]:
    """Returns every place of a rendering that names an image."""
    names = ImageNames(config)
    worth = [part for part in parts(text) if may_name_images(part, config, names)]
    return [use for part in worth for each in read_part(part) for use in uses(each, config, names)]


class _Policy(NamedTuple):
    """What a check of the image policy needs."""

    rendering: Rendering
    config: ChartGates
    files: Files

    def finding(self, use: ImageUse, path: Path, message: str, remedy: str) -> Finding:
        file, line = use.where.place(path, self.files)
        thing = use.where.thing(path)
        return Finding(Gate.IMAGE_POLICY, message, remedy, file, line, self.rendering.values, thing, str(use.name))


def check_policy(rendering: Rendering, config: ChartGates, files: Files) -> list[Finding]:
    """Reports tags of first-party images, and pull policies, that do not follow their keys in the values."""
    if rendering.sentinel.error:
        said = helm_messages.template(rendering.sentinel.error)
        message = f"does not render with {config.tag_key}={rendering.sentinel_tag}: {said.message}"
        remedy = "a release sets this key: let the templates and the schema take any version"
        return [Finding(Gate.IMAGE_POLICY, message, remedy, said.file, said.line, rendering.values)]
    try:
        marked = images(rendering.sentinel.text, config)
    except YamlError as error:
        message = f"renders no YAML with {config.tag_key}={rendering.sentinel_tag}: {error.message}"
        return [Finding(Gate.IMAGE_POLICY, message, "quote the tag in the template", values=rendering.values)]
    policy, names = _Policy(rendering, config, files), ImageNames(config)
    plain = {_place(use): use for use in images(rendering.plain.text, config)}
    found: list[Finding] = []
    ours = 0
    for use in marked:
        if names.is_ours(use.name):
            ours += 1
            found += _tag(policy, use)
        found += _pull_policy(policy, use, plain.get(_place(use)), names.is_ours(use.name))
    if not ours:
        message = "no image of the release set is in this rendering: nothing was checked"
        remedy = "name the repositories as the chart does, in `images` or `first_party`"
        found.append(Finding(Gate.IMAGE_POLICY, message, remedy, values=rendering.values))
    return found


def _place(use: ImageUse) -> Place:
    return use.where.part.template, use.where.part.position, use.path, use.name.repository


def _tag(policy: _Policy, use: ImageUse) -> list[Finding]:
    key, wanted = policy.config.tag_key, policy.rendering.sentinel_tag
    if wanted == use.name.tag and not use.name.digest:
        return []
    remedy = f"take the tag from .Values.{key} through the helper that the other templates use"
    if use.name.digest and (not use.name.tag or wanted in use.name.tag):
        message = f"{use.name.repository} is pinned to {use.name.digest:.20}..., also where {key} is set"
        remedy = f"leave the digest out where .Values.{key} is set, or the key moves nothing"
    elif wanted in use.name.tag:
        message = f"{use.name.repository} has the tag {use.name.tag!r} where {key} is {wanted!r}"
        remedy = f"take the tag as .Values.{key} has it: a release has no other"
    elif use.name.tag:
        message = f"{use.name} does not follow {key}"
    else:
        message = f"{use.name} has no tag, and does not follow {key}"
    return [policy.finding(use, use.path, message, remedy)]


def _pull_policy(policy: _Policy, use: ImageUse, plain: ImageUse | None, is_ours: bool) -> list[Finding]:
    key, wanted = policy.config.pull_policy_key, policy.rendering.sentinel_policy
    if use.policy_path is None or (
        not is_ours and (use.policy is None or use.where.part.template.startswith("charts/"))
    ):
        return []
    follows = use.policy == wanted and (plain is None or plain.policy != wanted)
    if follows:
        return []
    remedy = f"take it from .Values.{key} through the helper that the other templates use"
    message = f"{use.name.repository} has no pull policy, and does not follow {key}"
    if use.policy:
        message = f"the pull policy of {use.name.repository}, {use.policy}, does not follow {key}"
    return [policy.finding(use, use.policy_path if use.policy else use.path[:-1], message, remedy)]


def check_set(renderings: Iterable[Rendering], config: ChartGates, files: Files) -> list[Finding]:
    """Reports images that are neither of the release set nor allowed, and images of the set that nothing uses."""
    found: list[Finding] = []
    used: set[str] = set()
    seen: set[tuple[str, str, str]] = set()
    for rendering in renderings:
        for use in images(rendering.plain.text, config):
            used.add(use.name.full_repository)
            once = (use.where.part.template, use.where.thing(use.path), str(use.name))
            if once not in seen:
                seen.add(once)
                found += _listed(use, rendering, config, files)
    if not seen:
        found.append(Finding(Gate.IMAGE_SET, "no image is in any rendering: nothing was checked", "add values files"))
    found += _old_application(config, files)
    for image in config.images or ():
        if full(image.repository) not in used:
            remedy = "deploy it in a values file that is listed, or take it out of the chart's images"
            message = f"{image.repository} is of the release set, and nothing in the chart uses it"
            found.append(Finding(Gate.IMAGE_SET, message, remedy, thing=image.repository))
    return found


def _old_application(config: ChartGates, files: Files) -> list[Finding]:
    """Reports that the application, whose version is the images' tag, stays behind the chart: a release raises both."""
    try:
        metadata = read_one(files.get("Chart.yaml", b"").decode(errors="replace"))
    except YamlError:
        return []
    value = metadata.value if isinstance(metadata.value, dict) else {}
    application, version = str(value.get("appVersion", "")).removeprefix("v"), str(value.get("version", ""))
    released_together = any(image.values for image in config.images or ()) or application == config.previous
    if not application or application == version or not released_together:
        return []
    message = f"appVersion is {application}, and the chart is {version}: no release has images of that version"
    remedy = "raise both: `release-kit cut` does"
    return [Finding(Gate.IMAGE_SET, message, remedy, "Chart.yaml", metadata.line(("appVersion",)), thing="appVersion")]


def _listed(use: ImageUse, rendering: Rendering, config: ChartGates, files: Files) -> list[Finding]:
    digests = {full(image.repository): image.digest for image in config.images or ()}
    repository, remedy = (
        use.name.full_repository,
        "add it to `images`, or to `allow` if it is not released with the chart",
    )
    if repository in digests:
        released = digests[repository]
        if not (use.name.digest and released and use.name.digest != released):
            return []
        message = f"{use.name} is not what is released: that has {released}"
        remedy = "let the release write the digest into the values"
    elif _is_allowed(use, config):
        return []
    else:
        near = difflib.get_close_matches(repository, [*digests, *config.allow], 1, 0.8)
        hint = f"; did you mean {near[0]}?" if near else ""
        message = f"{use.name} is neither an image of the release set nor allowed{hint}"
    file, line = use.where.place(use.path, files)
    thing = use.where.thing(use.path)
    return [Finding(Gate.IMAGE_SET, message, remedy, file, line, rendering.values, thing, str(use.name))]


def _is_allowed(use: ImageUse, config: ChartGates) -> bool:
    name = use.name
    spellings = {str(name), str(name._replace(repository=name.full_repository))}
    if name.tag and name.digest:
        spellings |= {str(name._replace(digest="")), str(name._replace(tag=""))}
    patterns = {spelling for pattern in config.allow for spelling in (pattern, _in_full(pattern))}
    return any(fnmatchcase(spelling, pattern) for spelling in spellings for pattern in patterns)


def _in_full(pattern: str) -> str:
    """Returns a pattern with the registry of its repository, where that has no pattern in it."""
    repository = re.split(r":(?!.*/)|@", pattern, maxsplit=1)[0]
    return pattern if "*" in repository else full(repository) + pattern[len(repository) :]
