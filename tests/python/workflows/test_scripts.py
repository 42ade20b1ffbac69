"""Scripts of a shell, as rules see them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from release_kit.engines.workflows.policy.shell import Command, commands, is_rest


def shown(command: Command) -> str:
    """Returns a command's words; a variable's value is `<NAME>`, and `<!NAME>` without quotes."""
    parts = []
    for word in (*command.assigned, *command.words):
        values = "".join(f"<{'' if each.is_quoted else '!'}{each.name}>" for each in word.variables)
        parts.append(f"{word.redirect}{values or word.text}")
    return " ".join(parts)


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("echo a b\n", ["echo a b"]),
        ("a; b && c || d | e & f", ["a", "b", "c", "d", "e", "f"]),
        ("a 'b; c' \"d | e\" f\\ g", ["a b; c d | e f g"]),
        ("a # b; c\nd", ["a", "d"]),
        ("a#b", ["a#b"]),
        ("a \\\n  b", ["a b"]),
        ('echo "$A" $B ${C} "${D}x" \'$E\' \\$F', ["echo <A> <!B> <!C> <D> $E $F"]),
        ('echo ${#A} ${A:+x} "${A:-y}" ${!A}', ["echo ${#A} ${A:+x} <A> <!A>"]),
        ('A="$B" c', ["<B> c"]),
        ('if [ -z "$A" ]; then b; fi', ["[ -z <A> ]", "b", "fi"]),
        ('a <<<"$B" >c 2>&1', ["a <<<<B> >c >&1"]),
        ('a >>"$B"', ["a >><B>"]),
        ('a "$(b "$C" | d)" e', ["a  e", "b <C>", "d"]),
        ("a `b $C` d", ["a  d", "b <!C>"]),
        ("cat <<EOF >b\n$A c; d\nEOF\ne", ["cat >b <<<<A>", "e"]),
        ("cat <<'EOF'\n$A\nEOF\ne", ["cat <<<", "e"]),
        ("cat <<-EOF\n\t$A\n\tEOF\ne", ["cat <<<<A>", "e"]),
        ("cat <<EOF\n$A", ["cat <<<<A>"]),
        ('case "$A" in\nb | c) ;;\n*) d ;;\nesac', ["case <A> in", "b", "c", "*", "d", "esac"]),
        ("", []),
    ],
)
def test_a_script_is_read_as_its_commands(script: str, expected: list[str]) -> None:
    assert [shown(command) for command in commands(script)] == expected


def test_a_command_knows_what_reads_what_it_prints() -> None:
    script = 'a "$(b | c)" | sudo d e; f | g\n'
    assert [(each.program, each.into) for each in commands(script) if each.into] == [
        ("a", ("sudo", "d", "e")),
        ("b", ("c",)),
        ("f", ("g",)),
    ]


def test_each_command_knows_its_row() -> None:
    script = "a\n\nb \\\n  c\ncat <<EOF\nx\nEOF\nd $(\ne)\n"
    assert [(command.program, command.row) for command in commands(script)] == [
        ("a", 0),
        ("b", 2),
        ("cat", 4),
        ("d", 7),
        ("e", 8),
    ]


@pytest.mark.parametrize(
    "script",
    [
        "",
        "\n",
        " -- --to a\n\n# b\n",
        ' "$A" \\\n  b',
        " >a 2>&1 <b",
        " <<EOF\nx; y\nEOF\n",
        " 'a; b' \"c && d\" e\\|f",
        " # a; b",
    ],
)
def test_the_rest_of_a_command_hides_nothing(script: str) -> None:
    assert is_rest(script)


@pytest.mark.parametrize(
    "script",
    [
        *(" a | b", " a || b", " a && b", " a &", " a; b", " a;", " a\nb", " a\n\n  b", "; }", ")", " a\nfi"),
        *(" $(a)", ' "$(a)"', " `a`", " > >(a)", " <(a)", " <<EOF\nx\nEOF\na", " a |& b", " \n& a"),
    ],
)
def test_what_is_more_than_the_rest_of_a_command_is_seen(script: str) -> None:
    assert not is_rest(script)


@given(st.text(alphabet="ab$(){}`'\"\\<>|&;#\n =", max_size=80))
def test_no_script_is_too_odd(script: str) -> None:
    for command in commands(script):
        assert 0 <= command.row <= script.count("\n")
