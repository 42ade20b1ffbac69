"""Faults between values.yaml, the values files, their schema, the templates and the documentation."""

from tests.support.mutants.edits import DEMO, README, SCHEMA, VALUES, Edit, after, append, documented, swap
from tests.support.mutants.mutant import Kind, Mutant

HELM_TOO = ("lint", "render")


def valued(fault: str, says: str, *edits: Edit, file: str, line: bool = True, also: tuple[str, ...] = ()) -> Mutant:
    """Returns a mutant whose values are not what something else takes them for."""
    return Mutant(fault, "values", says, edits, file, line, also)


# The last properties are those of the tasks.
TIMEOUT = """\
"resources": {"$ref": "#/definitions/resources"},
        "timeout": {"type": "integer"}
      }
    }
  },"""
GLOBALS = '        "imagePullPolicy": {"enum": ["Always", "IfNotPresent", "Never"]}\n'
VALUES_SCHEMA: Kind = (
    "values schema",
    (
        valued(
            "a value of the wrong type in one values file",
            "core.replicas",
            swap(DEMO, "replicas: 3", "replicas: three"),
            file=DEMO,
            also=HELM_TOO,
        ),
        valued(
            "a key misspelled in one values file",
            "core.replica",
            swap(DEMO, "replicas: 3", "replica: 3"),
            file=DEMO,
            also=HELM_TOO,
        ),
        valued(
            "a key that nothing reads, where the schema allows any",
            "global.imageTags is not in values.yaml, and no template reads it",
            append(DEMO, "\nglobal:\n  imageTags: v1.2.3\n"),
            file=DEMO,
        )._replace(line=False),
        valued(
            "a value that no template reads",
            "tasks.timeout is read by no template",
            after(VALUES, "tasks:", "  # -- How long it may take.\n  timeout: 60\n"),
            swap(SCHEMA, '"resources": {"$ref": "#/definitions/resources"}\n      }\n    }\n  },', TIMEOUT),
            documented,
            file=VALUES,
            line=False,
        ),
        valued(
            "a template reads a value that is not there",
            ".Values.core.sessionSecond",
            swap("templates/settings.yaml", ".Values.core.sessionSeconds", ".Values.core.sessionSecond"),
            file="templates/settings.yaml",
        ),
        valued(
            "the schema describes a value that is not there",
            "check.timezone",
            swap(SCHEMA, '"schedule": {"type"', '"timezone": {"type": "string"},\n        "schedule": {"type"'),
            file=SCHEMA,
        ),
        valued(
            "the schema does not describe a value",
            "global.imagePullPolicy",
            swap(
                SCHEMA,
                '"imageTag": {"$ref": "#/definitions/tag"},\n' + GLOBALS,
                '"imageTag": {"$ref": "#/definitions/tag"}\n',
            ),
            file=VALUES,
            line=False,
        ),
        valued(
            "the schema requires what is not there",
            "timezone",
            swap(SCHEMA, '"required": ["schedule"]', '"required": ["schedule", "timezone"]'),
            file=VALUES,
            line=False,
            also=HELM_TOO,
        ),
        valued(
            "the schema has another type than the value",
            "core.sessionSeconds",
            swap(SCHEMA, '"sessionSeconds": {"type": "integer", "minimum": 1}', '"sessionSeconds": {"type": "string"}'),
            file=VALUES,
            line=False,
            also=HELM_TOO,
        ),
        valued(
            "a type that JSON Schema does not know",
            "did you mean 'integer'?",
            swap(SCHEMA, '"type": "integer"', '"type": "int"'),
            file=SCHEMA,
            also=HELM_TOO,
        )._replace(says="found 'int'"),
        valued(
            "a reference to nothing",
            "definitions/quantities",
            swap(SCHEMA, '"#/definitions/quantity"', '"#/definitions/quantities"'),
            file=SCHEMA,
            line=False,
            also=HELM_TOO,
        ),
        valued(
            "a schema that is no JSON",
            "is no JSON",
            swap(SCHEMA, '"required": ["schedule"],', '"required": ["schedule"]'),
            file=SCHEMA,
            line=False,
            also=(*HELM_TOO, "package"),
        ),
    ),
)
DOCUMENTS: Kind = (
    "values docs",
    (
        valued(
            "a default that the README has otherwise",
            "sessionSeconds",
            swap(README, "| `3600` |", "| `7200` |"),
            file=README,
        ),
        valued(
            "a value that the README does not have",
            "out of date",
            lambda folder: swap(
                README,
                next(line for line in (folder / README).read_text().splitlines(True) if "`check.schedule`" in line),
                "",
            )(folder),
            file=README,
        ),
        valued(
            "a value without a description",
            "check.schedule has no description",
            swap(VALUES, "  # -- When the services are checked, in cron's notation.\n", ""),
            documented,
            file=VALUES,
        ),
    ),
)
