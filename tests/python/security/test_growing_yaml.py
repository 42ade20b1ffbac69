"""Threat: a short YAML text that becomes a large document, or a deep one."""

import tracemalloc

import pytest

from release_kit.values.yaml_source import YamlError, read

LAUGHS = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]\n" for i in range(1, 10)
)
MERGED = "m0: &m0 {k: v}\n" + "".join(f"m{i}: &m{i}\n  <<: [{', '.join([f'*m{i - 1}'] * 10)}]\n" for i in range(1, 10))
TEXTS = {
    "aliases of aliases": LAUGHS,
    "merged mappings": MERGED,
    "an alias of itself": "a: &a [*a]\n",
    "deep lists without an end": "[" * 100_000,
    "deep indents in a line": "- " * 100_000,
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_aliases_of_aliases_end_in_a_finding(text: str) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(YamlError):
            list(read(text))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 200_000_000
