"""Makes sure that nothing stands in the way of a push; writes nothing."""

from collections.abc import Sequence

from release_kit.documents.fields import Fields, parse_document
from release_kit.engines.push.plan import Action, Plan, TagPlan
from release_kit.engines.push.release import Item, Kind
from release_kit.errors import ReleaseError
from release_kit.ports import Registry

SHOWN = 20
_NEVER_MOVES = "an immutable tag never moves: release this content under a new version"
_SAME_PACKAGE = (
    "a chart's manifest tells its commit's time; `helm push` and other commits write another one: delete the tag and "
    "push again, or release a new version"
)
Conflicts = list[tuple[Item, TagPlan]]


def check(plan: Plan, registry: Registry) -> None:
    """Makes sure that a plan can be carried out.

    Raises:
        ReleaseError: an immutable tag points at another digest, or charts rely on images that are not there.
    """
    conflicts = plan.tags(Action.CONFLICT)
    if conflicts:
        same = [item for item, tag in conflicts if item.kind is Kind.CHART and _is_same_package(item, tag, registry)]
        raise ReleaseError(_conflict(conflicts, same), _SAME_PACKAGE if len(same) == len(conflicts) else _NEVER_MOVES)
    check_relied_on(plan)


def check_relied_on(plan: Plan) -> None:
    """Makes sure that no chart comes before the images of its release.

    Raises:
        ReleaseError: an image that is no part of the push is not in the registry.
    """
    if plan.lacking:
        remedy = f"push them too: {' '.join(f'--only {item.name}' for item in plan.lacking)}, or everything"
        missing = ", ".join(map(plan.release.place_of, plan.lacking[:SHOWN]))
        raise ReleaseError(f"charts must not be there before their images, and these are missing: {missing}", remedy)


def _conflict(conflicts: Conflicts, same: Sequence[Item]) -> str:
    lines = [
        f"\n  {item.repository}:{tag.tag} is {tag.found} in the registry, and would be {item.digest}"
        f"{' (the same package in another manifest)' if item in same else ''}"
        for item, tag in conflicts[:SHOWN]
    ]
    more = len(conflicts) - SHOWN
    rest = f"\n  and {more} more" if more > 0 else ""
    return f"immutable tags are taken by another content, nothing was written:{''.join(lines)}{rest}"


def _is_same_package(item: Item, tag: TagPlan, registry: Registry) -> bool:
    """Tells whether a chart's tag points at a manifest with the same package."""
    try:
        there = parse_document(registry.manifest(item.repository, tag.tag), tag.tag, _layers)
    except ReleaseError:
        return False
    return there == parse_document(item.image.manifests[-1].content, item.name, _layers)


def _layers(manifest: Fields) -> tuple[str, ...]:
    layers = manifest.objects("layers", _digest)
    manifest.ignore_rest()
    return layers


def _digest(layer: Fields) -> str:
    digest = layer.string("digest")
    layer.ignore_rest()
    return digest
