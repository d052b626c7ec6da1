# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whatever a task gives to an option: a clear error before anything is done, or a defined meaning.

Every module, by its own spec: a new one, and a new option, is tried without a line here.
"""

from __future__ import annotations

import functools
import importlib
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import ConnectionFailed
from ansible_collections.rackspace.identity.plugins.module_utils.login import session as session_module
from ansible_collections.rackspace.identity.tests.unit.plugins.bad_input import (
    CANARY,
    away_from_home,
    content,
    shown,
    up_to_three,
    values,
    with_canary,
)
from ansible_collections.rackspace.identity.tests.unit.plugins.in_worker import play
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.account import PASSWORD, AccountService
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.simulated import (
    Moments,
    Network,
    SimulatedTransport,
)

PLUGINS = Path(__file__).resolve().parents[4] / "plugins"
MODULES = sorted(path.stem for path in (PLUGINS / "modules").glob("*.py"))
Values: TypeAlias = "st.SearchStrategy[Any]"
RECORDS = ("state", ".local")
"""Where records may lie."""
LIMIT = 5.0
"""Seconds of computing that a task may take: the model of the service answers at once, and waits cost nothing."""
NEEDED = {
    "username": "jo",
    "password": PASSWORD,
    "auth_endpoint": "https://identity.example.com",
    "timeout": 5,
    "max_wait": 65,
    "name": "ansible",
    "number": "+15125550100",
    "path": "file",
    "store": {"path": "vault.yml"},
    "count": 1,
    "state_dir": "state",  # records may be made there, also by a task that is refused later
}
"""What a good task gives to the options of these names, as far as a module has them."""


class Service:
    """The account of jo, and what was asked of it."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.account = AccountService(Moments())
        self.account.make_device(verified=False)

    def transport(self, _endpoint: str, **_options: Any) -> SimulatedTransport:
        """Return a way to it, without a socket."""
        return CountingTransport(self)

    @property
    def writes(self) -> list[str]:
        """What may have changed the account. A login is none."""
        return [asked for asked in self.asked if not asked.startswith("GET ") and not asked.endswith("/v2.0/tokens")]


class CountingTransport(SimulatedTransport):
    """Notes each request. What the model does not know gets no answer."""

    def __init__(self, service: Service) -> None:
        super().__init__(service.account, Network(up=0.01, down=0.01))
        self._service = service

    def _once(self, method: str, url: str, *rest: Any) -> Any:
        self._service.asked.append(f"{method} {url.removeprefix(self.endpoint)}")
        try:
            return super()._once(method, url, *rest)
        except (KeyError, IndexError):
            raise ConnectionFailed("Nobody answers.") from None


def spec_of(module: str) -> Mapping[str, dict[str, Any]]:
    """Return the options of a module."""
    spec = importlib.import_module(f"ansible_collections.rackspace.identity.plugins.modules.{module}").SPEC
    options: Mapping[str, dict[str, Any]] = getattr(spec, "argument_spec", spec)
    return options


def good_options(options: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """Return a task that would work."""
    chosen = {
        name: option["choices"][0] for name, option in options.items() if option.get("required") and "choices" in option
    }
    return chosen | {name: value for name, value in NEEDED.items() if name in options}


def bad_value(option: Mapping[str, Any]) -> Values:
    """A value for an option; of a dictionary also a good one with a bad value somewhere."""
    found: Values = values
    if parts := option.get("options"):
        good = {name: st.sampled_from(part.get("choices", ["x"])) for name, part in parts.items()}
        found = st.one_of(found, up_to_three({name: st.one_of(good[name], bad_value(parts[name])) for name in parts}))
    return found.map(with_canary) if option.get("no_log") else found


@functools.cache
def bad_values(module: str) -> Values:
    """One to three bad values for options of the module. Made once: making it takes longer than drawing from it."""
    return up_to_three({name: bad_value(option) for name, option in spec_of(module).items()})


@st.composite
def bad_tasks(draw: st.DrawFn, module: str) -> dict[str, Any]:
    """A good task with one to three bad values; sometimes an option that does not exist."""
    unknown = {"pasword": with_canary(draw(values))} if draw(st.integers(0, 19)) == 0 else {}
    return {**good_options(spec_of(module)), **draw(bad_values(module)), **unknown}


@pytest.fixture(name="folder", scope="module")
def _folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("playbook")
    with away_from_home(folder):
        yield folder


@pytest.mark.parametrize("module", MODULES)
@settings(deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_bad_options_end_in_a_clear_error_or_in_their_meaning(module: str, data: st.DataObject, folder: Path) -> None:
    options, args = spec_of(module), data.draw(bad_tasks(module))
    service, before, start = Service(), content(folder, *RECORDS), time.process_time()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(session_module, "Transport", service.transport)
        result = play(module, args, folder, check_mode=data.draw(st.booleans()))
    assert time.process_time() - start < LIMIT
    assert_clear(result, options)
    if result.get("failed") and "error" not in result:
        assert service.writes == []
        if args.get("state_dir") in (None, "state"):  # others may be this folder
            assert content(folder, *RECORDS) == before
    for left in set(content(folder, *RECORDS)) - set(before):
        remove(folder / left)


@pytest.mark.parametrize(
    "given_wrong",
    [
        {"api_key": [f"\t{CANARY}"]},
        {"password": {"key": f"\n{CANARY}"}},
        {"store": {"type": "hashi_vault", "token": [f"\t{CANARY}"]}},
    ],
    ids=["list", "dictionary", "store"],
)
def test_a_secret_that_core_makes_a_text_of_is_hidden(given_wrong: dict[str, Any], folder: Path) -> None:
    """Core hides what stands in a list, and quotes it in the text that it takes the list for."""
    options = spec_of("rax_otp_device")
    result = play("rax_otp_device", {**good_options(options), **given_wrong, "pasword": "x"}, folder)
    assert "is not text" in result["msg"]
    assert_clear(result, options)


@pytest.mark.parametrize("name", ["username", "password", "name", "target_user"])
def test_what_yaml_reads_as_a_number_is_refused_before_anything_is_sent(name: str, folder: Path) -> None:
    """`0123` is 83, and 83 may be another user."""
    options, service = spec_of("rax_otp_device"), Service()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(session_module, "Transport", service.transport)
        result = play("rax_otp_device", {**good_options(options), name: 0o123}, folder)
    assert result["failed"]
    assert result["msg"].startswith(f"{name} is not text: YAML")
    assert service.asked == []


def assert_clear(result: dict[str, Any], options: Mapping[str, dict[str, Any]]) -> None:
    """No defect, no secret, and nothing that a screen or a log can't take."""
    told = {name: value for name, value in result.items() if name not in ("token", "codes", "vars", "secret")}
    assert "This is a defect of the collection" not in str(result.get("msg"))
    assert CANARY not in shown(told)
    if result.get("failed"):
        assert result["msg"].strip()
        words = {"pasword", *options, *(name.replace("_", " ") for name in options), "An id that was given"}
        assert any(word in result["msg"] for word in words) or "error" in result or "****" in result["msg"], result[
            "msg"
        ][:500]


def remove(path: Path) -> None:
    """Remove what a task has left, a folder with all that is in it after that."""
    if path.is_dir() and not path.is_symlink():
        for inner in path.iterdir():
            remove(inner)
        path.rmdir()
    else:
        path.unlink(missing_ok=True)
