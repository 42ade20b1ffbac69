"""Gates of promotions, as the document of environments has them; pure functions."""

visibility(["//bazel", "//bazel/private/lib", "//tests/starlark"])

def _gate(kind, **fields):
    """Returns the fields that are given: the reader of the document knows the others' defaults."""
    return {"kind": kind} | {key: value for key, value in fields.items() if value != None}

def _argocd_health(key = None, description = None):
    """Argo CD's Applications of the environment are in sync with what was promoted, and healthy.

    Args:
      key: string: what the gate is reported under: lowercase letters, digits and `-`; `argocd-health` by default
      description: string: what people are told of it; nothing by default
    """
    return _gate("argocd-health", key = key, description = description)

def _e2e(key = None, reporter = None, interval = None, description = None):
    """A test of what runs in the environment, by CI.

    Args:
      key: string: what the gate is reported under: lowercase letters, digits and `-`; `e2e` by default
      reporter: string: `scm-status`: CI sets a commit status where the repository is (the default); `commit-status`: it
        applies a CommitStatus to the cluster
      interval: string: how often a status at the repository's host is read; `1m` by default
      description: string: what people are told of it; nothing by default
    """
    return _gate("e2e", key = key, reporter = reporter, interval = interval, description = description)

def _timer(duration, key = None, description = None):
    """The release has run in the environment for some time.

    Args:
      duration: string: how long, such as `30m` or `1h30m`; the units are h, m and s
      key: string: what the gate is reported under: lowercase letters, digits and `-`; `timer` by default
      description: string: what people are told of it; nothing by default
    """
    return _gate("timer", duration = duration, key = key, description = description)

def _schedule(allow, exclude = None, timezone = None, key = None, description = None):
    """The time is in a window: no promotion to the environment happens outside.

    Args:
      allow: list[gate.window]: when promotions may happen
      exclude: list[gate.window]: when they may not, even so; never by default
      timezone: string: of windows that name none, such as `Europe/Berlin`; `UTC` by default
      key: string: what the gate is reported under: lowercase letters, digits and `-`; `schedule` by default
      description: string: what people are told of it; nothing by default
    """
    return _gate(
        "schedule",
        allow = allow,
        exclude = exclude,
        timezone = timezone,
        key = key,
        description = description,
    )

def _window(cron, duration, timezone = None, description = None):
    """A time that comes again, for gate.schedule.

    Args:
      cron: string: when it begins: minute, hour, day of the month, month, day of the week, such as `0 9 * * 1-4`
      duration: string: how long it lasts, such as `8h` or `90m`
      timezone: string: such as `Europe/Berlin`; the gate's by default
      description: string: what people are told of it; nothing by default
    """
    fields = {"cron": cron, "duration": duration, "timezone": timezone, "description": description}
    return {key: value for key, value in fields.items() if value != None}

def _http(url, expression, target = None, method = None, interval = None, secret = None, key = None, description = None):
    """An answer over HTTP fulfils an expression.

    Args:
      url: string: the address that is asked; a template of GitOps Promoter
      expression: string: what the answer has to fulfil, such as `Response.StatusCode == 200`
      target: string: `proposed`: it holds back this environment (the default); `active`: the next ones
      method: string: of the request; `GET` by default
      interval: string: how often it is asked; `1m` by default
      secret: string: a Secret in the cluster with a bearer token under `token`; none by default
      key: string: what the gate is reported under: lowercase letters, digits and `-`; `http` by default
      description: string: what people are told of it; nothing by default
    """
    return _gate(
        "http",
        url = url,
        expression = expression,
        target = target,
        method = method,
        interval = interval,
        secret = secret,
        key = key,
        description = description,
    )

def _git(expression, key = None, description = None):
    """The data of the proposed commit fulfil an expression.

    Args:
      expression: string: such as `Commit.Author endsWith "@acme.example"`
      key: string: what the gate is reported under: lowercase letters, digits and `-`; `git` by default
      description: string: what people are told of it; nothing by default
    """
    return _gate("git", expression = expression, key = key, description = description)

def _manual(key = None, reporter = None, interval = None, description = None):
    """A person has agreed to the promotion to the environment.

    Args:
      key: string: what the gate is reported under: lowercase letters, digits and `-`; `manual` by default
      reporter: string: `scm-status`: a commit status where the repository is (the default); `commit-status`: a
        CommitStatus in the cluster
      interval: string: how often a status at the repository's host is read; `1m` by default
      description: string: what people are told of it; nothing by default
    """
    return _gate("manual", key = key, reporter = reporter, interval = interval, description = description)

gate = struct(
    argocd_health = _argocd_health,
    e2e = _e2e,
    git = _git,
    http = _http,
    manual = _manual,
    schedule = _schedule,
    timer = _timer,
    window = _window,
)

def gate_key(gate):
    """Returns what a gate is reported under: its key, which is its kind's name by default."""
    return gate.get("key", gate["kind"])
