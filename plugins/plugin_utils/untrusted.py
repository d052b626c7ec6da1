# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values of a service as variables that are never templates. Private to the collection."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

import ansible.template


def _marking() -> Callable[[Any], Any]:
    # From ansible-core 2.19 on only what is marked as trusted is a template, and values of a service are not marked.
    if hasattr(ansible.template, "trust_as_template"):
        return lambda value: value
    wrap: Callable[[Any], Any] = importlib.import_module("ansible.utils.unsafe_proxy").wrap_var
    return wrap


untrusted = _marking()
"""Returns a value, its strings marked so that no supported ansible-core takes them for templates."""
