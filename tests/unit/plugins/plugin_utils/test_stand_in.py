# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What stands in for `AnsibleModule`: its checks, its words, its ends."""

from __future__ import annotations

import contextlib
import re
from typing import Any

import pytest
from ansible.parsing.dataloader import DataLoader

from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import Conflict, Forbidden, OptionError
from ansible_collections.rackspace.identity.plugins.module_utils.run.masking import WHOLE
from ansible_collections.rackspace.identity.plugins.module_utils.run.runner import ModuleLike, Run, execute
from ansible_collections.rackspace.identity.plugins.module_utils.run.specs import ModuleSpec
from ansible_collections.rackspace.identity.plugins.plugin_utils import stand_in
from ansible_collections.rackspace.identity.plugins.plugin_utils.controller import ControllerTools
from ansible_collections.rackspace.identity.plugins.plugin_utils.stand_in import Circumstances, Ended, StandIn

SPEC = ModuleSpec(
    argument_spec={
        "name": {"type": "str", "aliases": ["label"]},
        "password": {"type": "str", "no_log": True},
        "pin": {"type": "str", "no_log": True, "choices": ["one", "two"]},
        "secret": {"type": "raw", "no_log": True},
        "count": {"type": "int", "default": 1},
        "patience": {"type": "float"},
        "place": {"type": "dict", "options": {"port": {"type": "int"}}},
        "old": {"type": "str", "removed_at_date": "2030-01-01", "removed_from_collection": "acme.probe"},
    },
    mutually_exclusive=(("name", "patience"),),
)


def stand(options: dict[str, Any] | None = None, *, shows_invocation: bool = False) -> StandIn:
    """A stand-in with these options."""
    told = Circumstances(
        "acme.probe.it", "web1", check_mode=True, shows_invocation=shows_invocation, environ={"A": "b"}
    )
    return StandIn(SPEC, options or {}, told, ControllerTools(DataLoader(), {}))


def refusal(options: dict[str, Any]) -> dict[str, Any]:
    """The failure that options end in."""
    with pytest.raises(Ended) as end:
        stand(options)
    assert end.value.result["failed"] is True
    return end.value.result


def outcome(run: Run, options: dict[str, Any] | None = None, **kwargs: Any) -> dict[str, Any]:
    """What a run ends in."""
    with pytest.raises(Ended) as end:
        execute(stand(options, **kwargs), run)
    return end.value.result


def test_options_are_converted_and_completed() -> None:
    module = stand({"label": "n", "password": "p4ss"})
    assert module.params["name"] == "n"
    assert module.params["count"] == 1
    assert module.no_log_values == {"p4ss"}
    assert module.check_mode
    assert module.environ == {"A": "b"}


def test_only_the_secrets_of_a_stored_dictionary_are_masked() -> None:
    public = {"username": "jane", "step_offset": -1, "next": {"device_id": "d2"}, "slot": 1, "site": "lab"}
    secret = {
        "secret": "s3cret",
        "bypass_codes": ["12345678"],
        "qrcode": "data:x",
        "password": "p4ssw0rd",
        "own": {"a": "a longer one"},
    }
    stored = {**public, **secret}
    module = stand({"secret": stored})
    assert module.params["secret"] == stored
    assert module.no_log_values == {"s3cret", "12345678", "data:x", "p4ssw0rd", "a longer one"}


def test_the_options_given_stay_as_they_are() -> None:
    options = {"count": "3"}
    assert stand(options).params["count"] == 3
    assert options == {"count": "3"}


def test_an_unknown_option_is_named_with_the_module() -> None:
    assert refusal({"nmae": "n"})["msg"].startswith(
        "Unsupported parameters for (acme.probe.it) module: nmae. Supported"
    )


def test_a_refused_secret_is_not_repeated() -> None:
    result = refusal({"pin": "s3cret"})
    assert "s3cret" not in str(result)
    assert "one, two" in result["msg"]


def test_a_secret_is_masked_before_options_get_the_names_that_people_know() -> None:
    tools = ControllerTools(DataLoader(), {}, "my_{}".format)
    with pytest.raises(Ended) as end:
        StandIn(SPEC, {"pin": "the count of old"}, Circumstances("it", "web1", False, False, {}), tools)
    told = end.value.result["msg"]
    assert "value of my_pin must be one of" in told
    assert "count" not in told


def test_constraints_hold() -> None:
    assert "mutually exclusive" in refusal({"name": "n", "patience": 1})["msg"]


def test_the_end_passes_any_except_of_the_logic() -> None:
    module = stand()

    def logic() -> None:
        with contextlib.suppress(Exception):
            module.exit_json(changed=False)

    with pytest.raises(Ended):
        logic()


def test_warnings_and_deprecations_come_with_the_result() -> None:
    def run(module: ModuleLike) -> dict[str, Any]:
        module.warn("mind the gap")
        module.warn("mind the gap")
        return {}

    result = outcome(run, {"old": "o", "name": "a", "label": "b", "password": "gap"})
    assert result["warnings"] == ["Both option name and its alias label are set.", "mind the ********"]
    (deprecation,) = result["deprecations"]
    assert deprecation["date"] == "2030-01-01"
    assert "version" not in deprecation


def test_the_result_is_masked_with_what_became_a_secret_on_the_way() -> None:
    def run(module: ModuleLike) -> dict[str, Any]:
        module.no_log_values.add("t0ken")
        return {"changed": True, "said": "t0ken for p4ss"}

    result = outcome(run, {"name": "n", "password": "p4ss"}, shows_invocation=True)
    assert result["said"] == "******** for ********"
    assert result["invocation"]["module_args"]["password"] == "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"


def test_a_blank_secret_masks_nothing_also_where_core_masks_again() -> None:
    module = stand({"name": "n", "password": " "})
    with pytest.raises(Ended) as end:
        execute(module, lambda _module: {"said": "two words"})
    assert (end.value.result["said"], module.no_log_values) == ("two words", set())


def test_the_invocation_is_left_out_where_core_leaves_it_out() -> None:
    assert outcome(lambda _module: {"changed": False}) == {"changed": False}


def test_errors_become_failures_without_what_caused_them() -> None:
    def run(_module: ModuleLike) -> dict[str, Any]:
        raise Conflict("two devices", status=400) from ValueError("s3cret")

    result = outcome(run)
    assert (result["failed"], result["msg"], result["error"]["kind"]) == (True, "two devices", "conflict")
    assert "s3cret" not in str(result)


def test_what_playbooks_match_is_whole_even_if_a_secret_is_one_letter() -> None:
    def run(_module: ModuleLike) -> dict[str, Any]:
        raise Conflict("one of two", status=400, service_message="one of two", retry_after=11)

    result = outcome(run, {"name": "n", "password": "1"})
    assert result["error"] == {"kind": "conflict", "status": 400, "service_message": "one of two", "retry_after": 11}
    result = outcome(run, {"name": "n", "password": "o"})
    assert result["error"]["kind"] == "conflict"
    assert result["error"]["service_message"] == "********ne ********f tw********"
    done = outcome(lambda _module: {"steps": ["turn_off"], "told": "off"}, {"name": "n", "password": "o"})
    assert (done["steps"], done["told"]) == (["turn_off"], "********ff")


def test_what_the_service_repeats_otherwise_is_masked_and_our_own_words_stay() -> None:
    said = "password R&amp;D-<1>"

    def run(module: ModuleLike) -> dict[str, Any]:
        module.no_log_values.add("R&D-<1>")
        raise Forbidden(f"It was refused: check O(key). The service says: {said}", service_message=said)

    told = outcome(run)
    assert told["msg"] == f"It was refused: check key. The service says: {WHOLE}"
    assert told["error"]["service_message"] == WHOLE


def test_options_at_odds_become_a_failure() -> None:
    def run(_module: ModuleLike) -> dict[str, Any]:
        raise OptionError("leave out one of them")

    assert outcome(run) == {"failed": True, "msg": "leave out one of them"}


def test_a_defect_is_told_by_type_and_place() -> None:
    def run(_module: ModuleLike) -> dict[str, Any]:
        raise KeyError("s3cret")

    message = outcome(run)["msg"]
    assert message.startswith("KeyError at test_stand_in.py:")
    assert "s3cret" not in message


def test_debug_is_masked_and_names_the_host(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[str, str]] = []
    monkeypatch.setattr(stand_in.display, "v", lambda text, host: told.append((text, host)))
    stand({"name": "n", "password": "p4ss"}).debug("waiting with p4ss")
    assert told == [("waiting with ********", "web1")]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"count": float("inf")}, "argument 'count' is too large."),
        ({"count": 10**400}, "argument 'count' is too large."),
        ({"patience": 10**400}, "argument 'patience' is too large."),
        ({"place": True}, "argument 'place' must be a dictionary."),
        ({"place": "nothing"}, "argument 'place' must be a dictionary."),
        ({"place": {"port": float("-inf")}}, "argument 'place.port' is too large."),
    ],
    ids=["infinite", "huge", "huge for a float", "a truth value", "a text", "inside"],
)
def test_what_the_validation_of_core_raises_on_is_refused_with_its_name(options: dict[str, Any], words: str) -> None:
    """Some cores refuse what is infinite by themselves."""
    message = refusal(options)["msg"]
    assert message == words or re.match(
        r"argument '(count|port)' is of type .*float.* unable to convert to int", message
    )
