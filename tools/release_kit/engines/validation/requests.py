"""What the controllers ask over HTTP, and the templates and expressions that they evaluate.

GitOps Promoter 0.36.0, internal/controller/webrequestcommitstatus_controller.go (allowedHostsForScmProvider),
docs/gating-promotions; Go, text/template; expr-lang.org, "Language Definition".
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from release_kit.engines.validation.addresses import named_provider, provider_of
from release_kit.engines.validation.tree import (
    PROMOTER,
    Resource,
    Tree,
    TreeFinding,
    finding,
    mapping,
    may_share_namespace,
    text,
)
from release_kit.values.yaml_source import Path

_URL = ("spec", "httpRequest", "urlTemplate")
_TEMPLATES = frozenset({"urlTemplate", "bodyTemplate", "methodTemplate", "descriptionTemplate", "template"})
_PUBLIC = {
    "github": "api.github.com",
    "gitlab": "gitlab.com",
    "bitbucketCloud": "api.bitbucket.org",
    "azureDevOps": "dev.azure.com",
}
_OF_REPOSITORY = re.compile(r"https?://[^/{]+(?:/api/v[13])?/repos/([^/{}]+)/([^/{}]+)/commits/\{\{.*Hydrated\.Sha")
_IN_ACTION = re.compile(r"\"(?:\\.|[^\"\\\n])*\"|`[^`]*`|'(?:\\.|[^'\\\n])+'|-?\}\}|[^\"`'\\}]+|\}", re.DOTALL)
_IN_EXPRESSION = re.compile(
    r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|`[^`]*`|/\*(?:.*?\*/|.*)|//[^\n]*|[()\[\]{}]|[^\"'`()\[\]{}/]+|/",
    re.DOTALL,
)
_OPENED = frozenset({"if", "range", "with", "block", "define"})
_LONGEST = 10_000
"""Characters of a template or expression that is looked at."""
_PAIRS = {")": "(", "]": "[", "}": "{"}


def check(tree: Tree) -> Iterator[TreeFinding]:
    """Yields requests that go to the wrong place, and templates and expressions that can't be read."""
    for request in tree.kind(PROMOTER, "WebRequestCommitStatus"):
        yield from _address(tree, request)
    for resource in tree.kind(PROMOTER, "WebRequestCommitStatus", "GitCommitStatus", "ArgoCDCommitStatus"):
        for path, fault in _unreadable(resource.spec, ("spec",)):
            remedy = "close each {{ and each block, each bracket and each text in quotes"
            yield finding("promoter-template", resource, path, fault, remedy)


def _address(tree: Tree, request: Resource) -> Iterator[TreeFinding]:
    asked = mapping(request.spec.get("httpRequest"))
    url = text(asked.get("urlTemplate"))
    repository = _repository(tree, request)
    provider = provider_of(tree, repository) if repository else None
    kind = named_provider(provider) if provider else ""
    if repository is None or provider is None or not kind:
        return
    host = text(mapping(provider.spec.get(kind)).get("domain")) or _PUBLIC.get(kind, "")
    found = _host(url)
    is_own = found.lower() == host.lower() or found.rpartition(":")[0].lower() == host.lower()
    if "scm" in mapping(asked.get("authentication")) and found and host and not is_own:
        message = f"it asks {found}, and the credentials of {provider.title} are for {host} only"
        remedy = f"ask {host}, or use credentials of its own (authentication.bearer)"
        yield finding("request-address", request, _URL, message, remedy)
    match = _OF_REPOSITORY.match(url)
    named = mapping(repository.spec.get(kind))
    expected = tuple(text(named.get(key)).lower() for key in ("owner", "name"))
    if is_own and match and all(expected) and (match[1].lower(), match[2].lower()) != expected:
        message = f"it asks {match[1]}/{match[2]} for a commit of {'/'.join(expected)}, which only that one has"
        yield finding("request-address", request, _URL, message, "let both be about one repository")


def _repository(tree: Tree, request: Resource) -> Resource | None:
    """Returns the GitRepository of the strategy that a request is about."""
    name = text(mapping(request.spec.get("promotionStrategyRef")).get("name"))
    for strategy in tree.named(PROMOTER, "PromotionStrategy", name):
        if may_share_namespace(strategy, request):
            wanted = text(mapping(strategy.spec.get("gitRepositoryRef")).get("name"))
            for found in tree.named(PROMOTER, "GitRepository", wanted):
                if may_share_namespace(found, strategy):
                    return found
    return None


def _host(url: str) -> str:
    """Returns the host of an address, with its port; empty where a template makes it."""
    head = url.partition("{{")[0]
    try:
        host = urlsplit(head).netloc.rpartition("@")[2]
    except ValueError:
        return ""
    return host if head == url or head.count("/") > 2 else ""


def _unreadable(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    for name, child in value.items() if isinstance(value, Mapping) else ():
        here = (*path, name)
        if isinstance(child, str):
            if len(child) > _LONGEST:
                continue
            is_template = name in _TEMPLATES or "headerTemplates" in path
            fault = template_fault(child) if is_template else expression_fault(child) if name == "expression" else ""
            if fault:
                yield here, fault
        else:
            yield from _unreadable(child, here)


def template_fault(template: str) -> str:
    """Returns why Go can't read a template; empty where nothing is known against it."""
    opened, position = 0, template.find("{{")
    while position >= 0:
        action, position = _action(template, position + 2)
        if position < 0:
            return "the template has a {{ that is not closed, or a quote or backslash in it that Go can't read"
        word = action.removeprefix("-").split(maxsplit=1)[:1]
        opened += 1 if word and word[0] in _OPENED else -1 if word == ["end"] else 0
        if opened < 0:
            return "the template has an `end` of nothing"
        position = template.find("{{", position)
    return "the template has a block without its `end`" if opened else ""


def _action(template: str, start: int) -> tuple[str, int]:
    """Returns an action and where it ends; -1 where it does not."""
    comment = re.compile(r"(?:-\s+)?/\*").match(template, start)
    if comment:
        end = template.find("*/", comment.end())
        close = template.find("}}", end) if end >= 0 else -1
        return "", close + 2 if close >= 0 else -1
    position = start
    while match := _IN_ACTION.match(template, position):
        if match[0].endswith("}}") and match[0][0] in "-}":
            return template[start : match.start()], match.end()
        position = match.end()
    return "", -1


def expression_fault(expression: str) -> str:
    """Returns why an expression can't be read, as far as its brackets and quotes tell; empty for no reason."""
    position, opened = 0, []
    while match := _IN_EXPRESSION.match(expression, position):
        mark, position = match[0], match.end()
        if mark in _PAIRS.values():
            opened.append(mark)
        elif mark in _PAIRS and (not opened or opened.pop() != _PAIRS[mark]):
            return f"the expression has a {mark} that closes nothing"
    if position < len(expression):
        return f"the expression has a {expression[position]} that is not closed"
    return f"the expression has a {opened[-1]} that is not closed" if opened else ""
