# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every freedom that the contract leaves to the service: the role gets on, and a naive client fails if it should."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
import requests
from integration.harness import ENROLLMENT, TOGETHER, Fleet, Lab, assert_enrolled, assert_nothing_to_do, host_name
from integration.harness.jobs import JOBS
from integration.harness.naive_client import Lost, NaiveClient
from integration.harness.tables import WHOLE, rows

from emulator import BEHAVIORS


@dataclass(frozen=True)
class Variant:
    """A choice of the service.

    :param bites: whether it is meant to defeat a client that takes every answer at its word.
    :param because: why it does not.
    :param by: how the role logs in.
    :param seed: of the account that is enrolled.
    :param can_be_enrolled: whether there is a way at all to have such a device and its secret.
    :param phase: where in a time step the service's clock begins, in seconds.
    """

    switches: dict[str, Any]
    bites: bool = True
    because: str = ""
    phase: float = 4.0
    device_name: str = "ansible"
    skew: float = 0.0
    by: str = "password"
    seed: dict[str, Any] = field(default_factory=dict)
    can_be_enrolled: bool = True


def harmless(because: str, **switches: Any) -> Variant:
    """A variant that a naive client survives."""
    return Variant(switches, bites=False, because=because)


NO_LISTS = "an enrollment lists no users"
NO_PHONES = "an enrollment has no phone"
NO_BYPASS_CODES = "it makes no bypass codes"
KIND = {
    "replay": "allowed",
    "authenticated_by": "documented",
}
"""The world that the guide describes, where the naive client gets on. Each variant changes it in one place."""

VARIANTS = {
    "kind": harmless("it is the world of the guide", **KIND),
    "strict": harmless("without replay protection the current code is right each time", accepted_steps="strict"),
    "wide": harmless("it accepts more", accepted_steps="wide"),
    "lagging by 12 s": Variant({"accepted_steps": "lagging", "lag": 12}),
    "lagging by 3 s": Variant({"accepted_steps": "lagging", "lag": 3}, phase=0),
    "lagging by 27 s": Variant({"accepted_steps": "lagging", "lag": 27}),
    "lagging by 12 s, late": Variant(
        {"accepted_steps": "lagging", "lag": 12}, phase=20.0, bites=False, because="after 12 s the step is its own, too"
    ),
    "replay refused": Variant({"replay": "refused"}),
    "replay refused at logins": harmless("the only login before was the verification", replay="logins"),
    "strict, replay refused": Variant({"accepted_steps": "strict", "replay": "refused"}, phase=18.0),
    "wide, replay refused": Variant({"accepted_steps": "wide", "replay": "refused"}),
    "lagging, replay refused": Variant({"accepted_steps": "lagging", "replay": "refused"}),
    "documented keys": Variant({"key_style": "documented"}),
    "one user a page, and empty pages": harmless(NO_LISTS, page_size=1, empty_pages=True),
    "two users a page, five wrong passcodes lock for ten minutes": harmless(
        f"{NO_LISTS} and sends no wrong passcode", page_size=2, lock_threshold=5, lock_minutes=10
    ),
    "lists in order of creation": harmless("there is one device", list_order="creation"),
    "lists in reversed order, short tokens": harmless(
        "there is one device, and all is done within the hour", list_order="reversed", token_minutes=60
    ),
    "413": Variant({"rate_limit": "413"}),
    "429": Variant({"rate_limit": "429"}),
    "413 without Retry-After": Variant({"rate_limit": "413_bare"}),
    "429 without Retry-After": Variant({"rate_limit": "429_bare"}),
    "429 at every second request": Variant({"rate_limit": "429", "rate_limit_every": 2, "retry_after": 0}),
    "413, again in two seconds": Variant({"rate_limit": "413", "retry_after": 2}),
    "factor OTPPASSCODE": Variant({"challenge_factor": "OTPPASSCODE"}),
    "several challenges": Variant({"challenge_headers": "several"}),
    "challenges in one header": Variant({"challenge_headers": "joined"}),
    "always a full stop": Variant({"full_stop": "always"}),
    "never a full stop": harmless("the message that it reads has none in the guide", full_stop="never"),
    "messages with a prefix": Variant({"error_prefix": True}),
    "the first session is dead": Variant({"dead_session": 60}),
    "creation answers 200": Variant({"creation_status": 200}),
    "misleading Location": Variant({"location": "misleading"}),
    "brackets in a name": Variant({"bracket_names": "fail"}, device_name="robot [1]", can_be_enrolled=False),
    "an empty list by mistake": harmless("a fresh account has no devices", empty_device_lists=1),
    "lean": Variant({"lean": True}),
    "no MFA flag while off": Variant({"missing_mfa_flag": True}),
    "expires in Z": Variant({"expires_style": "zulu"}),
    "reversed authenticatedBy": Variant({"authenticated_by": "reversed"}),
    "shuffled authenticatedBy": harmless("by chance it is the order of the guide", authenticated_by="shuffled"),
    "413, again at a date": Variant({"rate_limit": "413", "retry_after_form": "date"}),
    "413, again in seconds that the body tells": Variant({"rate_limit": "413", "retry_after_form": "body"}),
    "429, again at a time that the body tells": Variant({"rate_limit": "429", "retry_after_form": "body_date"}),
    "every early session is dead": Variant({"dead_sessions": 4}),
    "seven wrong passcodes lock, session ids with - and _": harmless(
        "it sends no wrong passcode and takes the id as it is", lock_threshold=7, session_ids="url_safe"
    ),
    "no token outlives MFA, nor the setup of it": harmless(
        "it logs in anew and needs no scope",
        mfa_on_revokes="all",
        required_revokes="not_mfa",
        required_spares="optional_users",
        setup_token_dies="device_added",
    ),
    "the token of the setup dies early": Variant(
        {"setup_token_dies": "device_added"},
        False,
        "its account need not set MFA up",
        seed={"enforcement_level": "REQUIRED"},
    ),
    "the token of the key dies, too": Variant({"mfa_on_revokes": "all"}, False, "it uses no key", by="both"),
    "no tenant": Variant({"access_without": "tenant"}),
    "no domain": Variant({"access_without": "domain"}),
    "no email": harmless("it reads none", access_without="email"),
    "no catalog": harmless("it reads none", access_without="catalog"),
    "expires with an offset, in whole seconds": Variant({"expires_style": "offset_whole"}),
    "expires in Z, with milliseconds": Variant({"expires_style": "zulu_millis"}),
    "changes and removals answer 200": harmless("any 2xx pleases it", settings_status=200, deletion_status=200),
    "no state and no factor": harmless(
        "it reads neither", missing_mfa_state="until_locked", missing_factor_type=True, missing_domain_level=True
    ),
    "a dedicated domain": harmless("it compares ids as they are", domain_ids="dedicated"),
    "a domain of another kind": harmless("it acts on itself", domain_ids="dp", user_admin_acts_on="default_users"),
    "two devices, no namesakes": harmless("there is one device", duplicate_names="refused", most_devices=2),
    "short lists, links in single quotes": harmless(
        NO_LISTS, greatest_limit=10, link_style="single_quotes", link_base="foreign"
    ),
    "links without quotes": harmless(NO_LISTS, link_style="unquoted"),
    "links with two relations": harmless(NO_LISTS, link_style="two_relations"),
    "links in one header": harmless(NO_LISTS, link_style="one_header"),
    "links in several headers": harmless(NO_LISTS, link_style="several_headers"),
    "phones by the guide": harmless(
        NO_PHONES, phone_status="documented", phone_numbers="digits", phones_by="oneself", sms_digits="six"
    ),
    "phones of another kind": harmless(NO_PHONES, phone_status="other", phone_numbers="spaced", sms_phone="may_go"),
    "phones in brackets": harmless(NO_PHONES, phone_numbers="brackets"),
    "bypass codes of nine digits for 30 minutes": harmless(
        NO_BYPASS_CODES, bypass_digits=9, bypass_life="30_minutes", bypass_duration="fields"
    ),
    "bypass codes as requested": harmless(NO_BYPASS_CODES, bypass_duration="asked"),
    "a clock that is behind": Variant({}, skew=-3700.0),
    "a clock that is ahead": Variant({}, skew=3700.0),
    "a clock 40 s ahead": Variant({}, skew=40.0),
    "a clock 40 s behind": Variant({}, skew=-40.0),
}
SLICES = 6
UNDECIDED = ("shuffled authenticatedBy",)
"""Variants of chance, about which the naive client says nothing."""


def at_its_moment(lab: Lab, variant: Variant) -> Lab:
    """Set the service's clock as the variant wants it."""
    lab.control.skew(variant.skew)
    lab.to_phase(variant.phase)
    return lab


def test_every_value_that_the_emulator_offers_is_in_the_table() -> None:
    offered = {(name, value) for name, values in BEHAVIORS.items() for value in values[1:]}
    tried = {(name, value) for variant in VARIANTS.values() for name, value in variant.switches.items()}
    assert offered - tried == set()


def cases() -> list[Any]:
    """Each variant with one of the jobs, or with all of them; for `make test` an enrollment with a few variants."""
    names, jobs = list(VARIANTS), list(JOBS)
    few = {"enroll, a few": ("enroll", names[::16])}
    once = {f"{job}, its share": (job, names[first :: len(jobs)]) for first, job in enumerate(jobs)}
    all_of_them = {f"{job}, {first}": (job, names[first::SLICES]) for job in jobs for first in range(SLICES)}
    return rows({**few, **(all_of_them if WHOLE else once)})


@pytest.mark.parametrize("case", cases())
def test_each_job_does_its_work_in_one_run_whatever_the_service_is_like(
    make_lab: Callable[..., Lab], case: tuple[str, list[str]]
) -> None:
    job, variants = case
    given: dict[str, tuple[Lab, dict[str, Any]]] = {}
    for name in variants:
        variant = VARIANTS[name]
        if variant.can_be_enrolled or "create_device" not in JOBS[job].steps:
            lab = at_its_moment(begun(make_lab, job, variant), variant)
            given[host_name(name)] = (lab, lab.variables(by=variant.by, mfa_otp_device_name=variant.device_name))
    before = {host: lab.entry() for host, (lab, _variables) in given.items()}
    fleet = Fleet(given)
    for host, run in fleet.run(job, env=TOGETHER).items():
        assert run.result["steps"] == JOBS[job].steps, host
        assert run.result["changed"] is True, host
        JOBS[job].check(given[host][0], before[host])
        is_strict = given[host][0].control.behavior()["accepted_steps"] == "strict"
        assert run.refused_passcodes == (JOBS[job].guesses if is_strict else 0), host
    if not JOBS[job].settles:
        return
    switches = {host_name(name): VARIANTS[name].switches for name in variants}
    for host, settled in fleet.labs.items():
        settled.control.behave(**switches[host])  # what is counted from the change is met again
    fleet.move(61)
    for host, again in fleet.run(job, env=TOGETHER).items():
        assert_nothing_to_do(again)
        assert again.refused_passcodes == 0, host


def begun(make_lab: Callable[..., Lab], job: str, variant: Variant) -> Lab:
    """What the job begins with, at such a service. It limits the rate from then on: the test itself is not refused."""
    early = {name: value for name, value in variant.switches.items() if not name.startswith("rate_limit")}
    seed = variant.seed if job == "enroll" else {}
    lab = JOBS[job].make(make_lab, behavior=early, name=variant.device_name, **seed)
    lab.control.behave(**variant.switches)
    lab.control.clear_requests()
    return lab


@pytest.mark.parametrize(
    "variant",
    [pytest.param(variant, id=name) for name, variant in VARIANTS.items() if name not in UNDECIDED],
)
def test_the_variant_bites_where_it_is_meant_to(make_lab: Callable[..., Lab], variant: Variant) -> None:
    lab = at_its_moment(make_lab(behavior={**KIND, **variant.switches}), variant)
    user = lab.account()

    def machine_clock() -> float:
        return lab.control.now() - variant.skew

    naive = NaiveClient(lab.emulator.url, user["username"], user["password"], variant.device_name, machine_clock)
    problem: Exception | None = None
    try:
        secret = naive.enroll()
    except (Lost, KeyError, ValueError, requests.RequestException) as error:
        problem = error
    else:
        assert [device["secret"] for device in lab.account()["otp_devices"]] == [secret]
    assert bool(problem) is variant.bites, problem or variant.because


@pytest.mark.thorough
def test_a_name_that_the_service_stores_and_fails_on_leaves_no_device(make_lab: Callable[..., Lab]) -> None:
    """Its secret is never told, so there is no such device; one with another name is enrolled as usual."""
    lab = make_lab(behavior={"bracket_names": "fail"})
    run = lab.enroll(mfa_otp_device_name="robot [1]")
    assert run.error_kind == "unavailable"
    assert lab.account()["otp_devices"] == []
    assert lab.entry() == {}
    assert lab.enroll(mfa_otp_device_name="robot 1").result["steps"] == ENROLLMENT
    assert_enrolled(lab)
