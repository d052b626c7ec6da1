# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The text of a variables file as values, and values as text, by Ansible's own rules. Private to the collection.

It is PyYAML, as in Ansible: under the rules of YAML 1.2 (ruamel.yaml) a string `yes` or `1:30` would be written bare,
and `include_vars` would read a boolean and a number. The errors of PyYAML quote the text: none of them goes on.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, ClassVar

import yaml

from ..module_utils.api.errors import OptionError
from .plain import same

# libyaml when PyYAML was built with it: a file with a thousand entries is read in a moment.
PARSER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
STRING_TAG = "tag:yaml.org,2002:str"
# PyYAML on odd texts: KeyError for `!!bool x`, AttributeError for `!!timestamp x`, ValueError for month 13
ODD_TEXT = (yaml.YAMLError, ValueError, KeyError, AttributeError, TypeError, RecursionError)
_TEMPLATE = re.compile(r"\{[{%#]|\A#jinja2:")
"""What makes a template of a string: a mark, or a first line that says which marks count."""
_TWICE = "a key is there twice"


class VaultText(str):
    """The ciphertext of an inline `!vault` value."""


class Data(str):
    """A string that is not a template, whatever it looks like."""


class _Constructor(yaml.constructor.SafeConstructor, yaml.resolver.Resolver):
    """Ansible's values: `!vault` and `!unsafe` on top of the safe types."""

    def __init__(self) -> None:
        yaml.constructor.SafeConstructor.__init__(self)
        yaml.resolver.Resolver.__init__(self)

    def construct_vault(self, node: Any) -> VaultText:
        return VaultText(self.construct_scalar(node))

    def construct_unsafe(self, node: Any) -> Any:
        tag = self.resolve(type(node), node.value, (True, False))
        return as_data(self.construct_object(type(node)(tag, node.value, node.start_mark), deep=True))

    yaml_constructors: ClassVar[dict[Any, Any]] = {
        **yaml.constructor.SafeConstructor.yaml_constructors,
        "!vault": construct_vault,
        "!vault-encrypted": construct_vault,
        "!unsafe": construct_unsafe,
    }


class _Dumper(yaml.SafeDumper):
    """Values out in full, on one line each: no anchors, no folded lines."""

    def ignore_aliases(self, _data: Any) -> bool:
        return True

    def represent_text(self, data: str) -> yaml.ScalarNode:
        # Double quotes keep every kind of line break apart and the scalar on one line.
        style = '"' if len(data.splitlines()) > 1 or data != data.rstrip("\r\n\x85\u2028\u2029") else None
        # Ansible renders what it reads from a file. A value that was data stays data: `!unsafe` says so.
        unsafe = isinstance(data, Data) and _TEMPLATE.search(data)
        return self.represent_scalar("!unsafe" if unsafe else STRING_TAG, str.__str__(data), style=style)

    def represent_vault(self, data: VaultText) -> yaml.ScalarNode:
        return self.represent_scalar("!vault", str.__str__(data), style="|")


_Dumper.add_representer(str, _Dumper.represent_text)
_Dumper.add_representer(Data, _Dumper.represent_text)
_Dumper.add_representer(VaultText, _Dumper.represent_vault)


def as_data(value: Any) -> Any:
    """Return the same value with its strings, also those of its keys, marked as data."""
    if isinstance(value, dict):
        return {as_data(key): as_data(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_data(item) for item in value]
    return Data(value) if isinstance(value, str) and not isinstance(value, (Data, VaultText)) else value


def rendered(value: Any) -> list[str]:
    """Return the strings of the value that Ansible renders as templates when it reads the file."""
    if isinstance(value, dict):
        return [text for pair in value.items() for part in pair for text in rendered(part)]
    if isinstance(value, (list, tuple)):
        return [text for item in value for text in rendered(item)]
    is_template = isinstance(value, str) and not isinstance(value, (Data, VaultText)) and _TEMPLATE.search(value)
    return [value] if is_template else []


def unchanged(old: Any, new: Any) -> bool:
    """Whether both are one value, also in what is a template and what is data."""
    return same(old, new) and sorted(rendered(old)) == sorted(rendered(new))


def revealed(value: Any, decrypt: Callable[[str], str]) -> Any:
    """Return the same value with its inline `!vault` values decrypted."""
    if isinstance(value, VaultText):
        return decrypt(value)
    if isinstance(value, dict):
        return {key: revealed(item, decrypt) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [revealed(item, decrypt) for item in value]
    return value


def compose(text: str) -> Any:
    """Return the root node of the text, None for an empty one.

    :raises OptionError: not YAML. It names the line and shows no word of the text.
    """
    try:
        return yaml.compose(text, Loader=PARSER)
    except ODD_TEXT as error:
        raise OptionError(_complaint(error)) from None


def load(text: str) -> dict[Any, Any]:
    """Return the variables of the text; inline vault values stay `VaultText`. An empty text has none.

    :raises OptionError: not YAML, not one mapping, a key twice. It names the line and shows no word of the text.
    """
    node = compose(text)
    try:
        if node is not None:
            _refuse_duplicates(node, set())
        tree = None if node is None else _Constructor().construct_document(node)
    except ODD_TEXT as error:
        raise OptionError(_complaint(error)) from None
    if tree is not None and not isinstance(tree, dict):
        kind = type(tree).__name__
        raise OptionError(f"its decrypted content is not a mapping of variables but of the type {kind}")
    return tree or {}


def _refuse_duplicates(node: Any, visited: set[int]) -> None:
    # Before anything is constructed: merging (`<<`) writes the merged keys into the nodes.
    if isinstance(node, yaml.ScalarNode) or id(node) in visited:
        return
    visited.add(id(node))
    keys: set[tuple[str, str]] = set()
    for item in node.value:
        key, value = item if isinstance(item, tuple) else (None, item)
        if isinstance(key, yaml.ScalarNode) and key.tag != "tag:yaml.org,2002:merge":
            if (key.tag, key.value) in keys:
                raise yaml.constructor.ConstructorError(None, None, _TWICE, key.start_mark)
            keys.add((key.tag, key.value))
        _refuse_duplicates(value, visited)


def _complaint(error: BaseException) -> str:
    mark = getattr(error, "problem_mark", None)
    where = f" (line {mark.line + 1} of the decrypted text)" if mark is not None else ""
    if getattr(error, "problem", None) == _TWICE:
        return f"a key is there twice{where}; keep one of the two"
    return f"its decrypted content is not YAML that Ansible can read{where}"


def block(name: Any, value: Any) -> str:
    """Return one variable as lines of YAML in block style, with a newline at the end."""
    text: str = yaml.dump(
        {name: value}, Dumper=_Dumper, default_flow_style=False, sort_keys=False, allow_unicode=True, width=10**9
    )
    return text
