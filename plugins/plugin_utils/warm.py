# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What every worker would load again, loaded once before there is one. Private to the collection."""

from __future__ import annotations

from ansible.plugins.loader import filter_loader, test_loader


def load_filters_and_tests() -> None:
    """Load core's filters and tests, where that was not done yet.

    Each task has a worker that is forked for it, and the first filter and the first test of its templates make it load
    all of core's: 8 ms, a third of what a small task costs. Core loads an action in the parent of all workers before it
    forks the first one. So an action that calls this when it is imported spares all later tasks, whatever they are,
    those 8 ms. It changes when they are loaded, and nothing else.
    """
    for loader in (filter_loader, test_loader):
        for _plugin in loader.all():
            pass
