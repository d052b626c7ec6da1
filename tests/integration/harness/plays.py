# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Play tasks of the collection against the emulator, and see what came of each: result and requests.

One run of ansible-playbook plays many tasks, in one play for each scene or way. At the end of a play the action
`control` (files/playing) writes down what each task returned and all that was asked of the emulator; the callback
`counting` tells which task asked for what.
"""

from __future__ import annotations

import itertools
import json
import re
import subprocess
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from emulator import Emulator

from .leaks import kinds_in
from .machine import FILES, OTHER_PATH, ROOT, calm, environment

MID_STEP = time.time() // 30 * 30 + 15.0
"""The middle of a time step: nothing that happens at once crosses into the next one."""
HERE_AND_THERE: dict[str, dict[str, Any]] = {
    "here": {},
    "there": {"ansible_python_interpreter": OTHER_PATH},
}
"""Variables that make tasks run in the controller, or as ordinary modules."""
_MFA = "/v2.0/users/{user}/RAX-AUTH/multi-factor"
_SCREENS = re.compile(r"^PLAY \[(\w+)\] \*+$(.*?)(?=^PLAY )", re.MULTILINE | re.DOTALL)


def password(name: str) -> str:
    """The password of a seeded user."""
    return f"canary-{name}-password"


def api_key(name: str) -> str:
    """The API key of a seeded user."""
    return f"canary-{name}-api-key"


def user(name: str, **members: Any) -> dict[str, Any]:
    """A user for the emulator, whose id and secrets follow from its name."""
    return {
        "username": name,
        "id": f"id-of-{name}",
        "password": password(name),
        "api_key": api_key(name),
        "domain_id": "100",
        **members,
    }


PEOPLE = (
    user("admin", role="user-admin", enforcement_level="OPTIONAL"),
    user("manager", role="user-manage"),
    user("alice"),
    user("bob"),
    user("stranger", domain_id="200", role="user-admin"),
)
"""One of each kind that the contract knows."""


class Step:
    """A part of a play: a task (`Call`), or something that is done to the emulator (`Do`)."""


@dataclass(frozen=True)
class Do(Step):
    """A call of the emulator's control API between two tasks.

    :param name: what later tasks call its result; what the call returned is its `value`.
    """

    method: str
    args: dict[str, Any]
    name: str | None = None


@dataclass(frozen=True)
class Call(Step):
    """One task. `as_` logs in by API key; other ways are given as options.

    :param name: what later tasks call its result.
    """

    module: str
    options: dict[str, Any] = field(default_factory=dict)
    as_: str | None = None
    check: bool = False
    name: str | None = None
    keywords: dict[str, Any] = field(default_factory=dict)

    def task(self, register: str) -> dict[str, Any]:
        """The task as data. What is secret reaches it as a variable, since core itself shows what is written in it."""
        login = {"username": self.as_, "api_key": f"{{{{ api_keys.{self.as_} }}}}"} if self.as_ else {}
        return {
            "name": register,
            f"rackspace.identity.{self.module}": {**login, **self.options},
            "register": register,
            "ignore_errors": True,
            **({"check_mode": True} if self.check else {}),
            **self.keywords,
        }


def do(control: str, /, **args: Any) -> Do:
    """A call of the control API, such as `do("move", seconds=60)`."""
    return Do(control, args)


def look(name: str, username: str) -> Do:
    """Have a user's state as the emulator knows it: `{{ NAME.value }}`."""
    return Do("user", {"username": username}, name)


def call(module: str, as_: str | None = None, **options: Any) -> Call:
    """A task that is played as it is."""
    return Call(module, options, as_)


def checked(step: Call) -> Call:
    """That task in check mode."""
    return replace(step, check=True, name=None)


def named(name: str, step: Call) -> Call:
    """That task, its result under a name."""
    return replace(step, name=name)


def four_times(step: Call) -> list[Call]:
    """In check mode, really, in check mode again, really again."""
    return [checked(step), step, checked(step), step]


@dataclass(frozen=True)
class Outcome:
    """What came of one task."""

    result: dict[str, Any]
    requests: list[dict[str, Any]]

    @property
    def wire(self) -> list[str]:
        """The requests as `METHOD route status`, without the login; `~` is the user's `multi-factor` path."""
        return [
            f"{entry['method']} {(entry['route'] or entry['path']).replace(_MFA, '~')} {entry['status']}"
            for entry in self.requests
            if (entry["method"], entry["path"]) != ("POST", "/v2.0/tokens")
        ]

    @property
    def writes(self) -> list[str]:
        """The requests that change something."""
        return [line for line in self.wire if not line.startswith("GET ")]

    @property
    def changed(self) -> bool:
        """As the task says."""
        return bool(self.result["changed"])

    @property
    def kind(self) -> str | None:
        """The kind of failure; None for none."""
        error = self.result.get("error") or {}
        return str(error["kind"]) if error else None


@dataclass(frozen=True)
class Played:
    """What came of a play, all that anyone could read of it, and the emulator's state after it."""

    outcomes: list[Outcome]
    screen: str
    """What the play itself showed, at `-v --diff` if no other arguments were given."""
    output: str
    """All that anyone could read of the whole run: both streams, the log, other files that `play` was told of."""
    rc: int
    state: dict[str, Any]

    def user(self, name: str) -> dict[str, Any]:
        """That user as the emulator has it in the end."""
        found: dict[str, Any] = next(user for user in self.state["users"] if user["username"] == name)
        return found

    @property
    def secrets(self) -> set[str]:
        """All that the emulator ever set, issued or saw."""
        return {secret for kind in self.state["secrets"].values() for secret in kind}

    @property
    def leaked(self) -> set[str]:
        """The secrets that someone could read, by their kinds: tests print what they find."""
        secrets = ((kind, secret) for kind, found in self.state["secrets"].items() for secret in found)
        return kinds_in(self.output.encode(), secrets)


@dataclass(frozen=True)
class Scene:
    """Steps in a play of their own, against an emulator of their own, whose clock stands still but for a `move`.

    :param name: of the play, one word.
    :param keywords: of the play.
    """

    name: str
    steps: Sequence[Step]
    users: Sequence[dict[str, Any]] = PEOPLE
    behavior: dict[str, Any] | None = None
    keywords: dict[str, Any] = field(default_factory=dict)

    def whole(self, played: Played) -> Played:
        """What came of it, if all of its steps were played and nothing secret was shown."""
        wanted = sum(isinstance(step, Call) for step in self.steps)
        assert len(played.outcomes) == wanted, played.output
        assert not played.leaked, played.leaked
        return played


class Player:
    """Plays steps in the controller, and sees that all of them were played and that nothing secret was shown."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._plays = 0

    def __call__(self, steps: Sequence[Step], **settings: Any) -> Played:
        """Play the steps (settings of `plays`)."""
        self._plays += 1
        (played,) = plays(self._folder / f"play{self._plays}", steps, ["here"], **settings)
        return Scene("here", steps).whole(played)


def plays(
    folder: Path,
    steps: Sequence[Step],
    ways: Sequence[str],
    *,
    users: Sequence[dict[str, Any]] = PEOPLE,
    behavior: dict[str, Any] | None = None,
    args: Sequence[str] = ("-v", "--diff"),
    environ: dict[str, str] | None = None,
    **keywords: Any,
) -> list[Played]:
    """Play the steps each way, in one run.

    :param keywords: of the plays.
    """
    variables = keywords.pop("vars", {})
    scenes = [
        Scene(way, steps, users, behavior, {**keywords, "vars": {**HERE_AND_THERE[way], **variables}}) for way in ways
    ]
    return play_scenes(folder / "-".join(ways), scenes, args=args, environ=environ)


def play_scenes(
    folder: Path,
    scenes: Sequence[Scene],
    *,
    args: Sequence[str] = ("-v", "--diff"),
    environ: dict[str, str] | None = None,
) -> list[Played]:
    """Play scenes one after the other, in one run."""
    folder.mkdir(parents=True)
    (folder / "action_plugins").symlink_to(FILES / "playing" / "action_plugins")
    with ExitStack() as stack:
        emulators = [stack.enter_context(Emulator(users=list(one.users), behavior=one.behavior)) for one in scenes]
        for emulator in emulators:
            emulator.control.freeze(MID_STEP)
        books = [_book(folder, scene, emulator.url) for scene, emulator in zip(scenes, emulators, strict=True)]
        (folder / "play.yml").write_text(json.dumps(books), encoding="utf-8")
        run = subprocess.run(
            ["ansible-playbook", str(folder / "play.yml"), *args],
            cwd=folder,
            env=_environment(folder, environ or {}),
            capture_output=True,
            text=True,
            check=False,
        )
        states = [emulator.control.state() for emulator in emulators]
    logs = (log.read_text(encoding="utf-8") for log in sorted((folder / "logs").iterdir()))
    output = "\n".join([run.stdout, run.stderr, *logs])
    screens = dict(_SCREENS.findall(run.stdout))
    return [
        Played(_outcomes(folder, book), screens.get(scene.name, ""), output, run.returncode, state)
        for scene, book, state in zip(scenes, books, states, strict=True)
    ]


def _book(folder: Path, scene: Scene, url: str) -> dict[str, Any]:
    defaults = {"auth_endpoint": url, "state_dir": str(folder / "state"), "timeout": 5}
    secrets = {
        "passwords": {person["username"]: person["password"] for person in scene.users},
        "api_keys": {person["username"]: person["api_key"] for person in scene.users},
    }
    return {
        "name": scene.name,
        "hosts": "localhost",
        "gather_facts": False,
        "module_defaults": {"group/rackspace.identity.rax": defaults},
        "tasks": _tasks(scene.steps, url, folder / f"{scene.name}.noted"),
        **scene.keywords,
        "vars": {
            "url": url,
            "counts": str(folder / f"{scene.name}.counts"),
            **secrets,
            **scene.keywords.get("vars", {}),
        },
    }


def _tasks(steps: Sequence[Step], url: str, into: Path) -> list[dict[str, Any]]:
    """Each call; before the next one a task that does what must be done; in the end a task that notes all results."""
    tasks: list[dict[str, Any]] = []
    for number, step in enumerate(steps):
        if isinstance(step, Call):
            tasks.append(step.task(step.name or f"step_{number}"))
        if isinstance(step, Do):
            if not tasks or "register" in tasks[-1]:  # what it registers is what the last call in it returned
                tasks.append(_control(url, do=[]))
            tasks[-1]["control"]["do"].append([step.method, step.args])
            tasks[-1].update({"register": step.name} if step.name else {})
    return [*tasks, _control(url, note=[task["register"] for task in tasks if _is_call(task)], into=str(into))]


def _control(url: str, **what: Any) -> dict[str, Any]:
    return {"control": {"url": url, **what}, "no_log": True, "check_mode": False}


def _is_call(task: dict[str, Any]) -> bool:
    return "control" not in task


def _outcomes(folder: Path, book: dict[str, Any]) -> list[Outcome]:
    """What came of each call of a play that came to its end: a task asked for what came before the next one began."""
    file = folder / f"{book['name']}.noted"
    if not file.exists():
        return []
    noted = json.loads(file.read_text(encoding="utf-8"))
    counts = [int(line) for line in Path(book["vars"]["counts"]).read_text(encoding="utf-8").splitlines()]
    spans = [span for span, task in zip(itertools.pairwise(counts), book["tasks"], strict=False) if _is_call(task)]
    return [
        Outcome(result, noted["requests"][first:last])
        for result, (first, last) in zip(noted["results"], spans, strict=True)
    ]


def _environment(folder: Path, more: dict[str, str]) -> dict[str, str]:
    logs = folder / "logs"
    logs.mkdir()
    calm(folder)
    given = {
        "PYTHONPATH": str(ROOT / "tests"),
        "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
        "ANSIBLE_INJECT_INVOCATION": "true",
        "ANSIBLE_CALLBACK_PLUGINS": str(FILES / "playing" / "callback_plugins"),
        "ANSIBLE_LOG_PATH": str(logs / "log"),
        **more,
    }
    return environment(folder, **given)
