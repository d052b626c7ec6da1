# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The users of a Rackspace Cloud domain as hosts."""

from __future__ import annotations

DOCUMENTATION = r"""
name: rax_users
short_description: Inventory of the users of a Rackspace Cloud domain
version_added: 1.0.0
author:
  - The rackspace.identity maintainers (@rackspace)
description:
  - Makes one host of each user that the account may see in its domain, with the multi-factor state as variables.
  - Reads a file whose name ends with C(rax_users.yml) or C(rax_users.yaml).
  - These groups always exist, also when they are empty. C(rax_users) with every user, C(domain_<id>), C(mfa_on),
    C(mfa_off), C(mfa_locked), C(factor_otp), C(factor_sms), C(factor_unknown), C(level_default), C(level_optional),
    C(level_required), C(user_disabled), and C(mfa_needs_work), which the playbook C(rackspace.identity.audit) fills.
    With O(devices=true) also C(otp_devices_0), C(otp_devices_1) and C(otp_devices_many). A user whose devices could not
    be read is in none of these three, with a warning.
  - The group C(rax_users) has C(ansible_connection=local), because an account is not a machine to connect to.
  - A user whose name can't be the name of a host, or is taken, becomes C(user-<id>), with a warning. It is taken by a
    host of an inventory that is read before, such as a server or the user of another domain, unless that host is in the
    group C(rax_users) and is of no other user.
  - Names and other values come from the service. They are never templates.
  - Neither the variables nor the cache hold a secret or an e-mail address.
extends_documentation_fragment:
  - rackspace.identity.auth
  - ansible.builtin.constructed
  - ansible.builtin.inventory_cache
options:
  plugin:
    description: Marks the file as one for this plugin.
    type: str
    required: true
    choices: [rackspace.identity.rax_users]
  hostname:
    description:
      - A template over the variables of a host, for its name, such as C({{ rax_id }}). Without it, it is the name of
        the user. Text that is no template is refused, since it would be one name for all.
    type: str
  hostvars_prefix:
    description: What the names of the variables begin with.
    type: str
    default: rax_
  include_filters:
    description:
      - Conditions over the variables of a host. A user is left out when none of them is true.
      - A condition that fails, or is neither true nor false, fails the inventory.
    type: list
    elements: str
    default: []
  exclude_filters:
    description: Conditions over the variables of a host. A user is left out when one of them is true.
    type: list
    elements: str
    default: []
  devices:
    description: Whether to read the OTP devices of each user, by one more request for each, and two for one without.
    type: bool
    default: false
  threads:
    description: How many connections read the devices, from V(1) to V(32).
    type: int
    default: 4
notes:
  - O(hostname), O(compose), O(groups), O(keyed_groups), O(include_filters) and O(exclude_filters) are worked out over
    the variables of each host. All other options but O(plugin) may be templates, too, which see no variables.
  - A template that fails, text in place of V(true) or V(false) that is neither, an option that does not exist, and a
    group of O(groups) or O(keyed_groups) with the name of a host, such as a user's, fail the inventory.
  - An inventory that fails is a warning to ansible-core, and a play on one of its groups does nothing and succeeds.
    The playbooks of this collection that work on its accounts fail instead. They look for the group
    C(rax_inventory_failed), which is there only then. For others set E(ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED).
  - With O(cache=true) a run may see accounts as they were up to O(cache_timeout) seconds ago. C(--flush-cache) reads
    them again.
seealso:
  - module: rackspace.identity.rax_mfa_domain_info
  - module: rackspace.identity.rax_mfa_audit
"""

EXAMPLES = r"""
# accounts.rax_users.yml. This line is enough: the credentials come from RAX_USERNAME and RAX_API_KEY.
plugin: rackspace.identity.rax_users

# Whatever else is wanted. Here: only service accounts, with their devices, kept for ten minutes.
username: admin
api_key: "{{ lookup('ansible.builtin.env', 'ADMIN_API_KEY') }}"
include_filters:
  - rax_name is match('svc-')
exclude_filters:
  - not rax_enabled
devices: true
keyed_groups:
  - prefix: factor
    key: rax_mfa_factor_type
cache: true
cache_plugin: ansible.builtin.jsonfile
cache_connection: ~/.cache/rax_users
cache_timeout: 600
"""

import contextlib
import os
import time
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

from ansible.errors import AnsibleError, AnsibleParserError, AnsibleUndefinedVariable
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.inventory import BaseInventoryPlugin, Cacheable, Constructable

from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import IdentityError, OptionError
from ansible_collections.rackspace.identity.plugins.module_utils.api.model import User
from ansible_collections.rackspace.identity.plugins.module_utils.login.entry_shape import (
    secret_values,
    secrets_of_service,
)
from ansible_collections.rackspace.identity.plugins.module_utils.login.session import Session
from ansible_collections.rackspace.identity.plugins.module_utils.login.voice import Voice
from ansible_collections.rackspace.identity.plugins.module_utils.mfa.domain import Domains
from ansible_collections.rackspace.identity.plugins.module_utils.mfa.host_names import (
    DEVICE_GROUPS,
    FAILED_GROUP,
    GROUPS,
    HostNames,
)
from ansible_collections.rackspace.identity.plugins.module_utils.mfa.many_devices import check_threads, devices_of
from ansible_collections.rackspace.identity.plugins.module_utils.run.masking import masked, masked_failure, masked_words
from ansible_collections.rackspace.identity.plugins.module_utils.run.runner import named
from ansible_collections.rackspace.identity.plugins.module_utils.run.specs import AUTH_SPEC
from ansible_collections.rackspace.identity.plugins.module_utils.run.task import warning_about
from ansible_collections.rackspace.identity.plugins.plugin_utils.given_text import not_text, not_text_words
from ansible_collections.rackspace.identity.plugins.plugin_utils.inventories import Snapshot, taken_in
from ansible_collections.rackspace.identity.plugins.plugin_utils.plain import plain
from ansible_collections.rackspace.identity.plugins.plugin_utils.refused_option import REFUSALS, told
from ansible_collections.rackspace.identity.plugins.plugin_utils.roster import Roster, groups, made_for, variables
from ansible_collections.rackspace.identity.plugins.plugin_utils.terminal import printable

_ENDINGS = ("rax_users.yml", "rax_users.yaml")
_OF_HOSTS = frozenset(("hostname", "compose", "groups", "keyed_groups", "include_filters", "exclude_filters"))
"""Options with templates over the variables of a host."""
_SECRET_OPTIONS = [name for name, option in AUTH_SPEC.argument_spec.items() if option.get("no_log")]


class InventoryModule(BaseInventoryPlugin, Constructable, Cacheable):
    """A failed inventory leaves all as it was, and a group that tells of it."""

    NAME = "rackspace.identity.rax_users"
    inventory: Any

    def verify_file(self, path: str) -> bool:
        """Return whether the file is one for this plugin, by its ending."""
        return bool(super().verify_file(path)) and path.endswith(_ENDINGS)

    def parse(self, inventory: Any, loader: Any, path: str, cache: bool = True) -> None:
        """Read the users and make hosts of them.

        :raises AnsibleParserError: the options or the service are at fault.
        """
        super().parse(inventory, loader, path, cache)
        before = Snapshot(inventory)
        try:
            self._parse(path, cache=cache)
        except Exception:
            # A play on a part of the users would succeed, and so would one on an empty group.
            before.restore()
            if not self._is_of_another_plugin(loader, path):
                inventory.add_group(FAILED_GROUP)
            raise

    def _is_of_another_plugin(self, loader: Any, path: str) -> bool:
        """Is the file one that another plugin may read? What none can read is taken for ours, by its name."""
        with contextlib.suppress(Exception):
            content = loader.load_from_file(path)
            return isinstance(content, Mapping) and content.get("plugin") != self.NAME
        return False

    def _parse(self, path: str, *, cache: bool) -> None:
        self._read_options(path)
        secrets: set[str] = set()
        try:
            roster = self._roster(path, secrets, cache=cache)
        except (IdentityError, OptionError) as error:
            failure = error.as_failure() if isinstance(error, IdentityError) else {"msg": str(error)}
            # The service may repeat what it was sent.
            words = masked_failure(failure, secrets)["msg"]
            raise AnsibleParserError(masked(named(words), secrets)) from None
        self._fill(roster, self._hosts(roster))

    def _read_options(self, path: str) -> None:
        """Read the file.

        :raises AnsibleParserError: it is not a dictionary of options, or one of them has a wrong value.
        """
        try:
            self._read_config_data(path)
        except AnsibleParserError:
            raise
        except AttributeError:  # core takes any text for a dictionary
            raise AnsibleParserError(f"{path} must be a dictionary of options.") from None
        except REFUSALS as error:
            raise AnsibleParserError(f"{path}: {told(error, self.option_definitions)}") from None

    def set_options(self, task_keys: Any = None, var_options: Any = None, direct: Any = None) -> None:
        """Set the options, with the templates of the file worked out.

        Core makes booleans and numbers of a file's values first. It takes any text that it does not know for false, and
        passes over an option that it does not know.

        :raises AnsibleParserError: an option is not one, or has a wrong value.
        """
        unknown = ", ".join(printable(str(name))[:80] for name in direct or () if name not in self.option_definitions)
        if unknown:
            raise AnsibleParserError(f"The inventory has no option {unknown}. Correct the name, or remove it.")
        given = {name: self._worked_out(name, value) for name, value in (direct or {}).items()}
        if wrong := not_text(AUTH_SPEC.argument_spec, given):
            raise AnsibleParserError(not_text_words(f"The option {wrong}"))
        super().set_options(task_keys, var_options, given)
        template = self.get_option("hostname")
        if template and not self.templar.is_template(template):
            raise AnsibleParserError("The option hostname must be a template, such as '{{ rax_id }}', with the braces.")

    def _worked_out(self, name: str, value: Any) -> Any:
        """Return the value of an option in builtin types.

        :raises AnsibleParserError: its template fails, or it must be true or false, and is neither.
        """
        if name in _OF_HOSTS:
            return value
        try:
            value = plain(self.templar.template(value))
        except (SyntaxError, AssertionError, OptionError, *REFUSALS) as error:
            # Core's other words quote the template, which may be a password with braces in it. Before ansible-core
            # 2.19 a wrong `#jinja2:` header ends in what Python raises.
            is_missing = isinstance(error, AnsibleUndefinedVariable) and name not in _SECRET_OPTIONS
            reason = error if is_missing or isinstance(error, OptionError) else "its template fails."
            raise AnsibleParserError(f"The option {name} can't be worked out: {reason}") from None
        if value is None or self.option_definitions.get(name, {}).get("type") not in ("bool", "boolean"):
            return value
        try:
            return boolean(value)
        except TypeError:
            raise AnsibleParserError(f"The option {name} is neither true nor false.") from None

    def _roster(self, path: str, secrets: set[str], *, cache: bool) -> Roster:
        """Return the users from the cache, or from the service.

        :param secrets: takes all that must not be shown.
        """
        check_threads(self.get_option("threads"))
        shared = {name: plain(self.get_option(name)) for name in AUTH_SPEC.argument_spec if name != "store"}
        given = [shared[name] for name in _SECRET_OPTIONS]
        secrets.update(*map(_secrets_in, given))
        sent = set(chain.from_iterable(map(_known_to_service, given)))  # only these can be repeated in a name

        def keep(secret: str) -> None:
            secrets.add(secret)
            sent.add(secret)

        def say(text: str) -> None:
            self.display.v(masked_words(text, secrets))

        def tell(text: str) -> None:
            # Standard output may be the inventory itself.
            self.display.display(masked_words(named(text), secrets), stderr=True)

        with Session(shared.get, keep=keep, voice=Voice(say, tell), environ=os.environ) as session:
            for secret in filter(None, (session.who.password, session.who.api_key)):
                keep(secret)
            if warning := warning_about(session.way):
                self.display.warning(warning)
            mark = made_for(session.way, session.who, devices=self.get_option("devices"))
            key, kept = self.get_cache_key(path), None
            if self.get_option("cache") and cache:
                timeout = self.get_option("cache_timeout") or 0
                kept = Roster.from_data(self._cache.get(key), mark, time.time(), timeout)
            if kept is not None:
                return kept
            read_at = time.time()
            roster = self._read(session).masked(sent, {session.who.username or ""})
            if self.get_option("cache"):
                self._cache[key] = roster.as_data(mark, read_at)
            return roster

    def _read(self, session: Session) -> Roster:
        domains = Domains(session, None)
        users, devices = domains.users(), None
        if self.get_option("devices"):
            devices = devices_of(session, users, self.get_option("threads"))
        return Roster(domains.id, users, devices)

    def _hosts(self, roster: Roster) -> list[tuple[str, User, dict[str, Any]]]:
        """Return the hosts to make, each with its name and its variables."""
        taken = taken_in(self.inventory, f"{self.get_option('hostvars_prefix')}id")
        names = HostNames(roster.domain_id, taken)
        template = self.get_option("hostname")
        chosen = self._chosen(roster)
        hosts = [(names.of(self._wanted(template, user, values), user.id), user, values) for user, values in chosen]
        if names.renamed:
            self.display.warning(
                f"{len(names.renamed)} of the users have names that hosts can't have, or that are taken, for example "
                f"{printable(names.renamed[0])[:80]}. Their hosts are called user-<id>."
            )
        if warning := roster.unread_warning([user for _host, user, _values in hosts]):
            self.display.warning(warning)
        return hosts

    def _chosen(self, roster: Roster) -> Iterator[tuple[User, dict[str, Any]]]:
        prefix, with_devices = self.get_option("hostvars_prefix"), roster.devices is not None
        include, exclude = self.get_option("include_filters"), self.get_option("exclude_filters")
        for user in roster.users:
            values = variables(user, prefix, roster.devices_of(user), with_devices=with_devices)
            if include and not any(self._holds(condition, values) for condition in include):
                continue
            if not any(self._holds(condition, values) for condition in exclude):
                yield user, values

    def _holds(self, condition: str, values: dict[str, Any]) -> bool:
        try:
            answer = self._compose(condition, values)
        except (AnsibleError, TypeError) as error:  # core raises the second on what is no text
            raise AnsibleParserError(f"The filter {condition} fails: {error}") from None
        if answer not in (True, False, "True", "False"):
            raise AnsibleParserError(f"The filter {condition} is neither true nor false. Compare the value.")
        return answer in (True, "True")

    def _wanted(self, template: str | None, user: User, values: dict[str, Any]) -> str:
        if not template:
            return user.name
        self.templar.available_variables = values
        return str(plain(self.templar.template(template)))

    def _fill(self, roster: Roster, hosts: list[tuple[str, User, dict[str, Any]]]) -> None:
        domain_group = self._sanitize_group_name(f"domain_{roster.domain_id}")
        for group in (*GROUPS, *(DEVICE_GROUPS if roster.devices is not None else ()), domain_group):
            self.inventory.add_group(group)
        self.inventory.set_variable("rax_users", "ansible_connection", "local")
        before = set(self.inventory.groups)
        try:
            for host, user, values in hosts:
                self._add(host, [*groups(user, roster.devices_of(user)), domain_group], values)
        except (TypeError, AttributeError, ValueError) as error:  # of core, on names and values of a wrong type
            raise AnsibleParserError(
                f"The option compose, groups or keyed_groups has a part of a wrong type: {error}. Names are text."
            ) from None
        except Exception:  # of core, on a group that is to hold its namesake
            self._refuse_namesakes(before)
            raise
        self._refuse_namesakes(before)

    def _refuse_namesakes(self, before: set[str]) -> None:
        """Refuse groups that are not of before, and called as a host.

        :raises AnsibleParserError: there is one.
        """
        if both := sorted(self.inventory.hosts.keys() & (self.inventory.groups.keys() - before)):
            raise AnsibleParserError(
                f"The option groups or keyed_groups makes the group {both[0]}, which is the name of a host, too: plays "
                "on one would work on the other. Call the group otherwise, or give keyed_groups a prefix."
            )

    def _add(self, host: str, members: list[str], values: dict[str, Any]) -> None:
        self.inventory.add_host(host)
        for name, value in values.items():
            self.inventory.set_variable(host, name, value)
        for group in members:
            self.inventory.add_child(self.inventory.add_group(self._sanitize_group_name(group)), host)
        strict = self.get_option("strict")
        self._set_composite_vars(self.get_option("compose"), values, host, strict=strict)
        self._add_host_to_composed_groups(self.get_option("groups"), values, host, strict=strict)
        self._add_host_to_keyed_groups(self.get_option("keyed_groups"), values, host, strict=strict)


def _secrets_in(value: Any) -> list[str]:
    """Return what is secret in an option for a secret: its text, or the values of a stored dictionary."""
    return secret_values(value) if isinstance(value, dict) else [str(value)] if value else []


def _known_to_service(value: Any) -> list[str]:
    """Return what of them the service knows: no key of the user's own in a stored dictionary."""
    return secrets_of_service(value) if isinstance(value, dict) else _secrets_in(value)
