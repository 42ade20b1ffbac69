"""The text of templates: which functions they call, and which line of them makes a line of what is rendered."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

_UNORDERED = ("keys", "values", "shuffle")
"""Functions whose result has no order of its own."""
_CHANCE = frozenset(
    [
        "now",
        "ago",
        "date",
        "dateInZone",
        "date_in_zone",
        "htmlDate",
        "htmlDateInZone",
        "randAlphaNum",
        "randAlpha",
        "randNumeric",
        "randAscii",
        "randBytes",
        "randInt",
        "uuidv4",
        "shuffle",
        "keys",
        "values",
        "getHostByName",
        "htpasswd",
        "bcrypt",
        "encryptAES",
        "genPrivateKey",
        "genCA",
        "genCAWithKey",
        "genSelfSignedCert",
        "genSelfSignedCertWithKey",
        "genSignedCert",
        "genSignedCertWithKey",
    ]
)
"""Functions with another result each time (helm.sh/docs/chart_template_guide/function_list)."""
_CHANCE_BYTES = tuple(word.encode() for word in sorted(_CHANCE))
_TEST_HOOK = re.compile(r"helm\.sh/hook[\"']?:\s*[\"']?test(?:-success|-failure)?[\"']?\s*$", re.MULTILINE)
_KIND = re.compile(r"^kind:", re.MULTILINE)
_ACTION = re.compile(r"\{\{(?!-?\s*/\*)(.*?)\}\}", re.DOTALL)
_TEXT = re.compile(r'"(?:\\.|[^"\\\n])*"|`[^`]*`|/\*.*?\*/', re.DOTALL)
_WORD = re.compile(r"(?<![.$\w])[A-Za-z]\w*")
_KEY = re.compile(r"\s*(?:- )*\s*([\w./-]+|\"[^\"]+\"):")


def is_template(path: str) -> bool:
    """Tells whether a file of a chart is rendered, its subcharts' too."""
    return "templates/" in path and path.startswith(("templates/", "charts/"))


def left_to_chance(files: Mapping[str, bytes]) -> list[tuple[str, int]]:
    """Returns the files and lines that call functions with another result each time.

    Values and other files are looked at, too: a template may render them with `tpl`. Documentation is not, nor are the
    chart's tests: no release has them.
    """
    return [
        (path, line)
        for path, content in files.items()
        if not path.endswith((".md", ".gotmpl", "NOTES.txt"))
        for line in _chance_lines(content)
    ]


def _chance_lines(content: bytes) -> list[int]:
    if b"{{" not in content or not any(word in content for word in _CHANCE_BYTES):
        return []
    text = content.decode(errors="replace")
    if len(_TEST_HOOK.findall(text)) >= len(_KIND.findall(text)) > 0:
        return []
    actions = (action for action in _ACTION.finditer(text) if _CHANCE.intersection(_words(action[1])))
    return [text.count("\n", 0, action.start()) + 1 for action in actions]


def is_certain(files: Mapping[str, bytes], values: bytes) -> bool:
    """Tells whether a chart can only render in one way: nothing in it, or in a values file, is left to chance."""
    if any(path.endswith(".tgz") for path in files):
        return False
    return not left_to_chance({**files, "values.yaml": files.get("values.yaml", b"") + b"\n" + values})


def _words(action: str) -> list[str]:
    return _WORD.findall(_TEXT.sub('""', action))


def asks_for_the_time(files: Mapping[str, bytes]) -> bool:
    """Tells whether a template calls `now`."""
    return any("now" in words for words in _calls(files, ("now",)))


def is_in_any_order(files: Mapping[str, bytes]) -> bool:
    """Tells whether a template uses what comes in any order, and does not sort it in the same action."""
    return any("sortAlpha" not in words and not words.isdisjoint(_UNORDERED) for words in _calls(files, _UNORDERED))


def _calls(files: Mapping[str, bytes], wanted: Sequence[str]) -> Iterator[set[str]]:
    """Yields the words of each action of the templates in which a wanted one may be."""
    markers = [word.encode() for word in wanted]
    for path, content in files.items():
        if is_template(path) and any(marker in content for marker in markers):
            for action in _ACTION.findall(content.decode(errors="replace")):
                if any(word in action for word in wanted):
                    yield set(_words(action))


def with_moved_clock(text: str) -> str:
    """Returns a template to which every `now` is a year, a month and a day later."""

    def moved(match: re.Match[str]) -> str:
        if "now" not in match[0]:
            return match[0]
        parts = re.split(f"({_TEXT.pattern})", match[0], flags=re.DOTALL)
        code = [re.sub(r"(?<![.$\w])now\b", "(now.AddDate 1 1 1)", part) for part in parts[::2]]
        texts = [*parts[1::2], ""]
        return "".join(part for pair in zip(code, texts, strict=True) for part in pair)

    return _ACTION.sub(moved, text)


def exact_lines(template: str, rendered: str) -> list[int]:
    """Returns the lines of a template that stand there as they were rendered, but for their indentation."""
    wanted = rendered.strip()
    return [number for number, line in enumerate(template.split("\n"), 1) if line.strip() == wanted] if wanted else []


def likeliest_line(template: str, rendered: str, before: Sequence[str] = ()) -> int:
    """Returns the line of a template that a rendered line comes from; 0 where that can't be told.

    A line that stands in the template as it was rendered is taken first; else one with the same key, the most alike.

    Args:
        template: the template's text.
        rendered: the line.
        before: the rendered lines before it, which tell apart what is alike.
    """
    same = exact_lines(template, rendered)
    if len(same) == 1:
        return same[0]
    lines, key = template.split("\n"), _key(rendered)
    candidates = same or [number for number, line in enumerate(lines, 1) if key and _key(line) == key]
    if not candidates:
        return 0
    return max(candidates, key=lambda number: _likeness(lines, number, rendered.strip(), before))


def _key(line: str) -> str:
    found = _KEY.match(line)
    return found[1].strip('"') if found else ""


def _likeness(lines: Sequence[str], number: int, wanted: str, before: Iterable[str]) -> tuple[float, float, int]:
    """Rates a line of a template: how alike the lines before it are, then the line itself, the first of equals."""
    import difflib

    context = [line.strip() for line in before][-8:]
    around = [line.strip() for line in lines[max(0, number - 9) : number - 1] if "{{-" not in line]
    return (
        difflib.SequenceMatcher(None, around, context, autojunk=False).ratio(),
        difflib.SequenceMatcher(None, lines[number - 1].strip(), wanted, autojunk=False).ratio(),
        -number,
    )
