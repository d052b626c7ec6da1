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
from typing import Any

import yaml

from ..module_utils.api.errors import OptionError

# libyaml when PyYAML was built with it: a file with a thousand entries is read in a moment.
PARSER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
STRING_TAG = "tag:yaml.org,2002:str"
# PyYAML on odd texts: KeyError for `!!bool x`, AttributeError for `!!timestamp x`, ValueError for month 13
ODD_TEXT = (yaml.YAMLError, ValueError, KeyError, AttributeError, TypeError, RecursionError)
_MARKS = re.compile(r"\{[{%#]|\A#jinja2:")
"""What makes a template of a string: a mark, or a first line that says which marks count."""
_TWICE = "a key is there twice"


class Template(str):
    """A string that Ansible renders when it reads the file. Every other string is data, whatever it looks like."""


class VaultText(str):
    """The ciphertext of an inline `!vault` value."""


class _Constructor(yaml.constructor.SafeConstructor):
    """Ansible's values: templates, `!vault` and `!unsafe` on top of the safe types."""

    def construct_text(self, node: Any) -> str:
        text: str = self.construct_scalar(node)
        return Template(text) if _MARKS.search(text) else text

    def construct_vault(self, node: Any) -> VaultText:
        return VaultText(self.construct_scalar(node))

    def construct_unsafe(self, node: Any) -> Any:
        tag = yaml.resolver.Resolver().resolve(type(node), node.value, (True, False))
        value = self.construct_object(type(node)(tag, node.value, node.start_mark), deep=True)
        return each_text(value, lambda text: str.__str__(text) if isinstance(text, Template) else text)


_Constructor.add_constructor(STRING_TAG, _Constructor.construct_text)
_Constructor.add_constructor("!vault", _Constructor.construct_vault)
_Constructor.add_constructor("!vault-encrypted", _Constructor.construct_vault)
_Constructor.add_constructor("!unsafe", _Constructor.construct_unsafe)


class _Dumper(yaml.SafeDumper):
    """Values out in full, on one line each: no anchors, no folded lines."""

    def ignore_aliases(self, _data: Any) -> bool:
        return True

    def represent_text(self, data: str) -> yaml.ScalarNode:
        # Double quotes keep every kind of line break apart and the scalar on one line.
        style = '"' if len(data.splitlines()) > 1 or data != data.rstrip("\r\n\x85\u2028\u2029") else None
        is_unsafe = _MARKS.search(data) and not isinstance(data, Template)
        return self.represent_scalar("!unsafe" if is_unsafe else STRING_TAG, str.__str__(data), style=style)

    def represent_vault(self, data: VaultText) -> yaml.ScalarNode:
        return self.represent_scalar("!vault", str.__str__(data), style="|")


_Dumper.add_representer(str, _Dumper.represent_text)
_Dumper.add_representer(Template, _Dumper.represent_text)
_Dumper.add_representer(VaultText, _Dumper.represent_vault)


def each_text(value: Any, change: Callable[[str], Any]) -> Any:
    """Return the value with a change made to each of its strings, also those of its keys."""
    if isinstance(value, dict):
        return {each_text(key, change): each_text(item, change) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [each_text(item, change) for item in value]
    return change(value) if isinstance(value, str) else value


def load(text: str) -> dict[Any, Any]:
    """Return the variables of the text, with what Ansible renders or decrypts as `Template` and `VaultText`.

    :raises OptionError: not YAML, not one mapping, a key twice. It names the line and shows no word of the text.
    """
    try:
        node = yaml.compose(text, Loader=PARSER)
        _refuse_duplicates(node, set())
        tree = node and _Constructor().construct_document(node)
    except ODD_TEXT as error:
        raise OptionError(_complaint(error)) from None
    if tree is not None and not isinstance(tree, dict):
        kind = type(tree).__name__
        raise OptionError(f"its decrypted content is not a mapping of variables but of the type {kind}")
    return tree or {}


def _refuse_duplicates(node: Any, visited: set[int]) -> None:
    # Before anything is constructed: merging (`<<`) writes the merged keys into the nodes.
    if not isinstance(node, yaml.CollectionNode) or id(node) in visited:
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
