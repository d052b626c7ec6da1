# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Editing a text of YAML: what changes changes, every other character stays."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import OptionError
from ansible_collections.rackspace.identity.plugins.plugin_utils import yaml_text
from ansible_collections.rackspace.identity.plugins.plugin_utils.plain import same
from ansible_collections.rackspace.identity.plugins.plugin_utils.yaml_text import block, edit, load

INLINE_VAULT = "token: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  6162\n"


@pytest.fixture(params=["libyaml", "pure-python"], autouse=True, scope="module")
def parser(request: pytest.FixtureRequest) -> Iterator[None]:
    """PyYAML comes with and without libyaml; both must tell the same positions."""
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "pure-python":
            patch.setattr(yaml_text, "PARSER", yaml.SafeLoader)
        yield


def edited(text: str, values: dict[str, Any], absent: tuple[str, ...] = ()) -> str:
    old = load(text)
    new = {name: value for name, value in {**old, **values}.items() if name not in absent}
    return edit(text, old, new)


@pytest.mark.parametrize(
    ("text", "values", "absent", "result"),
    [
        pytest.param("", {"a": 1}, (), "a: 1\n", id="empty"),
        pytest.param("# why\n", {"a": 1}, (), "# why\na: 1\n", id="only-a-comment"),
        pytest.param("---\n# why\n", {"a": 1}, (), "---\n# why\na: 1\n", id="only-a-start"),
        pytest.param("---\nnull\n", {"a": 1}, (), "---\na: 1\n", id="explicit-null"),
        pytest.param("--- {}\n", {"a": 1}, (), "--- \na: 1\n", id="flow-behind-the-start"),
        pytest.param("a: 1", {"b": 2}, (), "a: 1\nb: 2\n", id="no-newline-at-the-end"),
        pytest.param("k: |\n  x\n  y", {"b": 2}, (), 'k: "x\\ny"\nb: 2\n', id="no-newline-behind-a-block"),
        pytest.param("a: 1\nk: |\n  x\n# y", {"a": 2}, (), "a: 2\nk: |\n  x\n# y\n", id="no-newline-behind-a-comment"),
        pytest.param(INLINE_VAULT[:-1], {"b": 2}, (), INLINE_VAULT + "b: 2\n", id="no-newline-behind-inline-vault"),
        pytest.param("  a: 1\n  b: 2\n", {"a": {"x": 1}, "c": 3}, ("b",), "  a:\n    x: 1\n  c: 3\n", id="indented"),
        pytest.param("a: 1\n", {"a": 2}, (), "a: 2\n", id="scalar"),
        pytest.param("a: 1   # note\n", {"a": 2}, (), "a: 2\n", id="comment-behind-the-value"),
        pytest.param('a: "1\n# no note"\n# of b\nb: 1\n', {"a": 2}, (), "a: 2\n# of b\nb: 1\n", id="quoted-comment"),
        pytest.param(
            "a:\n  - x\n  - y: '1\n# no note\n\n'   # note\n# of b\nb: 1\n",
            {"a": 2},
            (),
            "a: 2\n# of b\nb: 1\n",
            id="quoted-like-a-comment-further-in",
        ),
        pytest.param(
            "a: [1,\n# no note\n2]  # note\n  # gone\n# of b\nb: 1\n", {"a": 2}, (),
            "a: 2\n# of b\nb: 1\n", id="flow-over-some-lines",
        ),
        pytest.param("x: &x 1\na:\n- *x\n# of b\nb:\n-\n", {"a": 2}, ("b",), "x: &x 1\na: 2\n# of b\n", id="ends-bare"),
        pytest.param("a: 1\u2028b: 2\x85", {"b": 3}, (), "a: 1\u2028b: 3\n", id="line-breaks-of-unicode"),
        pytest.param("a:   # note\nb: 1\n", {"a": 2}, (), "a: 2\nb: 1\n", id="null-value"),
        pytest.param(
            "# of a\na: 1\n\n# of b\nb:\n  x: 1\n# of c\nc: 'q'\n",
            {},
            ("b",),
            "# of a\na: 1\n\n# of b\n# of c\nc: 'q'\n",
            id="removed-between-comments",
        ),
        pytest.param(
            "a:\n  x: 1  # gone\n  # gone too\n  y: [1, 2]\n# of b\nb: yes\n",
            {"a": {"x": 1, "y": [3], "z": "yes"}},
            (),
            "a:\n  x: 1\n  y:\n  - 3\n  z: 'yes'\n# of b\nb: yes\n",
            id="inside-a-dictionary",
        ),
        pytest.param("a:\n  x: 1\n  # of a\n", {"b": 2}, (), "a:\n  x: 1\n  # of a\nb: 2\n", id="indented-comment"),
        pytest.param("a: |\n  one\n\n\n# of b\nb: 1\n", {"a": "x"}, (), "a: x\n\n\n# of b\nb: 1\n", id="block-scalar"),
        pytest.param("a: |+\n  one\n\n", {"b": 1}, (), "a: |+\n  one\n\nb: 1\n", id="behind-a-block-that-keeps-lines"),
        pytest.param("a: 1\n", {}, ("a",), "{}\n", id="the-last-one"),
        pytest.param("# top\na: 1\n# end\n", {}, ("a",), "# top\n# end\n{}\n", id="the-last-one-between-comments"),
        pytest.param("# top\n{}\n# end\n", {"a": {"b": 1}}, (), "# top\na:\n  b: 1\n# end\n", id="into-the-empty-one"),
        pytest.param('{"a": 1, "b": [2]}', {"a": 3}, (), "a: 3\nb:\n- 2\n", id="json-becomes-block-style"),
        pytest.param(INLINE_VAULT + "a: 1\n", {"a": 2}, (), INLINE_VAULT + "a: 2\n", id="inline-vault-value"),
        pytest.param(
            "{a: 1, t: !vault '$ANSIBLE_VAULT;1.1;AES256\n\n  6162'}", {"a": 2}, (),
            'a: 2\nt: !vault "$ANSIBLE_VAULT;1.1;AES256\\n6162"\n', id="inline-vault-in-flow-style",
        ),
        pytest.param(
            "{a: [&x {k: 1}, *x], b: [&y {k: 2}, *y]}", {"c": 3}, (),
            "a:\n- k: 1\n- k: 1\nb:\n- k: 2\n- k: 2\nc: 3\n", id="aliases-of-flow-style-are-written-out",
        ),
        pytest.param("{a: 1, b: '{{ c }}'}", {"a": 2}, (), "a: 2\nb: '{{ c }}'\n", id="a-template-stays-one"),
        pytest.param("a: 1\r\nb: 2\r\n", {"a": {"x": 1}}, (), "a:\r\n  x: 1\r\nb: 2\r\n", id="crlf"),
        pytest.param("? a\n: 1\nb: 2\n", {"a": [1]}, (), "a:\n- 1\nb: 2\n", id="explicit-key"),
        pytest.param("x: &x {k: 1}\na:\n  <<: *x\n", {"b": 1}, (), "x: &x {k: 1}\na:\n  <<: *x\nb: 1\n", id="anchors"),
        pytest.param(
            "x: &x {k: 1}\na:\n  <<: *x\n  # gone\n", {"a": {"k": 2}}, (),
            "x: &x {k: 1}\na:\n  k: 2\n", id="a-merge-written-out",
        ),
        pytest.param("a: *b\n".replace("*b", "&b 1") + "c: *b\n", {"c": 2}, (), "a: &b 1\nc: 2\n", id="an-alias"),
        pytest.param("1: x\n'1': y\n", {"1": "z"}, (), "1: x\n'1': z\n", id="number-and-text-keys"),
        pytest.param("a:\n  b: 1\nc: 1\n", {"a": {"d": 1}}, ("c",), "a:\n  d: 1\n", id="added-before-a-removed-one"),
        pytest.param("a: 1\n...\n", {"b": 2}, (), "a: 1\nb: 2\n...\n", id="document-end"),
        pytest.param("---\n...\n", {"b": 2}, (), "---\nb: 2\n...\n", id="empty-document-with-an-end"),
        pytest.param("a: 1", {"a": 2, "b": 3}, (), "a: 2\nb: 3\n", id="no-newline-behind-what-changes"),
        pytest.param("a: 1\r\nb: 2\n", {"a": 3}, (), "a: 3\r\nb: 2\n", id="both-kinds-of-line-breaks"),
        pytest.param("a: '{{ b }}'\n", {"a": "{{ b }}"}, (), "a: !unsafe '{{ b }}'\n", id="a-template-becomes-data"),
        pytest.param("a: !unsafe ['{{ b }}']\n", {"a": ["{{ b }}"]}, (), "a: !unsafe ['{{ b }}']\n", id="kept-data"),
    ],
)  # fmt: skip
def test_edit_replaces_only_what_changes(
    text: str, values: dict[str, Any], absent: tuple[str, ...], result: str
) -> None:
    assert edited(text, values, absent) == result


@pytest.mark.parametrize(
    ("value", "line"),
    [
        pytest.param("yes", "a: 'yes'\n", id="boolean-of-yaml-1.1"),
        pytest.param("012345", "a: '012345'\n", id="leading-zero"),
        pytest.param("1:30", "a: '1:30'\n", id="sexagesimal"),
        pytest.param("one\ntwo\n", 'a: "one\\ntwo\\n"\n', id="lines"),
        pytest.param("{{ lookup('pipe', 'id') }}", "a: !unsafe '{{ lookup(''pipe'', ''id'') }}'\n", id="template"),
        pytest.param("", "a: ''\n", id="empty-text"),
        pytest.param(None, "a: null\n", id="null"),
        pytest.param("Zoë 中文 🔑", "a: Zoë 中文 🔑\n", id="unicode"),
    ],
)
def test_strings_are_written_so_that_ansible_reads_strings(value: Any, line: str) -> None:
    assert edited("", {"a": value}) == line
    assert edited("a: 7\n", {"a": value}) == line


@pytest.mark.parametrize(
    ("text", "values", "absent"),
    [
        pytest.param("a: &x 1\nb: *x\n", {"a": 2}, (), id="an-anchor-that-others-use"),
        pytest.param("a: &x {k: 1}\nb: *x\n", {}, ("a",), id="an-anchor-removed"),
        pytest.param("x: &x {k: 1}\n<<: *x\n", {}, ("k",), id="a-variable-that-is-merged-in"),
        pytest.param("a: &x b\n# kept\n*x : 1\n", {"a": 2}, ("b",), id="an-alias-as-a-key"),
    ],
)
def test_edit_that_would_touch_other_variables_is_refused(
    text: str, values: dict[str, Any], absent: tuple[str, ...]
) -> None:
    with pytest.raises(OptionError, match="ansible-vault edit"):
        edited(text, values, absent)


def test_a_merged_variable_is_overridden_by_one_of_its_own() -> None:
    assert load(edited("x: &x {k: 1}\n<<: *x\n", {"k": 2})) == {"x": {"k": 1}, "k": 2}


@pytest.mark.parametrize("space", ["\xa0", "a\u2003", "\u3000"], ids=["no-break", "behind a letter", "wide"])
def test_a_value_that_ends_with_a_space_of_another_kind_is_replaced_whole(space: str) -> None:
    text = block("k", space) + "other: 1\n"
    assert load(edit(text, load(text), {"k": None, "other": 1})) == {"k": None, "other": 1}


NAMES = st.text("abcxyz_é", min_size=1, max_size=4) | st.sampled_from(["yes", "no", "on", "null", "1", "~", "a b", "#"])
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=30) | st.dates()
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3), max_leaves=8
)
TREES = st.dictionaries(NAMES, VALUES, max_size=5)


@given(old=TREES, new=TREES, data=st.data())
@settings(deadline=None, max_examples=100)
def test_any_edit_reads_back_and_keeps_the_comments_between(
    old: dict[str, Any], new: dict[str, Any], data: st.DataObject
) -> None:
    commented = data.draw(st.sets(st.sampled_from([*old, None])))
    pieces = [(f"# comment of {name}\n" if name in commented else "") + block(name, old[name]) for name in old]
    text = "".join(pieces) + ("# comment at the end\n" if None in commented else "")
    wanted = {**{name: old[name] for name in list(old)[::2]}, **new}

    result = edit(text, load(text), wanted)

    assert same(load(result), wanted)
    assert [line for line in result.splitlines() if line.startswith("# comment")] == [
        line for line in text.splitlines() if line.startswith("# comment")
    ]
