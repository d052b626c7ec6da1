# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Medians over rounds, ratios, and whether they are what was aimed at."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from .machine import Cost


class Samples:
    """What each variant cost, round by round."""

    def __init__(self) -> None:
        self._costs: dict[str, list[Cost]] = defaultdict(list)

    def take(self, variants: dict[str, Callable[[], Cost]], rounds: int) -> Samples:
        """Run all variants in each round, each time beginning with another one: a busy moment should meet them all."""
        names = list(variants)
        for turn in range(rounds):
            first = turn % len(names)
            for name in names[first:] + names[:first]:
                self.add(name, variants[name]())
        return self

    def add(self, name: str, cost: Cost) -> None:
        """One more measurement."""
        self._costs[name].append(cost)

    def __getitem__(self, name: str) -> Cost:
        costs = self._costs[name]
        return Cost(
            median(cost.wall for cost in costs),
            median(cost.cpu for cost in costs),
            median(cost.memory for cost in costs),
        )


@dataclass(frozen=True)
class Row:
    """A line of a table: a cost, what it is compared with, and the most that the ratio should be."""

    what: str
    cost: Cost
    of: Cost | None = None
    goal: float | None = None
    note: str = ""

    @property
    def ratios(self) -> tuple[float, float] | None:
        """Of wall and of processor time."""
        return (self.cost.wall / self.of.wall, self.cost.cpu / self.of.cpu) if self.of else None

    @property
    def is_met(self) -> bool | None:
        """None if there is no goal. It must hold on the clock and in processor time."""
        return None if self.goal is None or self.ratios is None else max(self.ratios) <= self.goal


def table(title: str, rows: Iterable[Row], *, in_ms: bool = False) -> str:
    """A table for the terminal."""
    factor, unit = (1000.0, "ms") if in_ms else (1.0, "s")
    digits = 1 if in_ms else 2
    lines: list[tuple[str, ...]] = [("", f"wall {unit}", f"cpu {unit}", "ratio wall", "ratio cpu", "goal", "", "")]
    for row in rows:
        ratios = [f"{ratio:.3f}" for ratio in row.ratios] if row.ratios else ["", ""]
        goal = "" if row.goal is None else f"{row.goal:.2f}"
        met = {None: "", True: "met", False: "NOT MET"}[row.is_met]
        costs = [f"{value * factor:.{digits}f}" for value in (row.cost.wall, row.cost.cpu)]
        lines.append((row.what, *costs, *ratios, goal, met, row.note))
    return titled(title, lines, left=(0, 6, 7))


def titled(title: str, lines: Sequence[tuple[str, ...]], left: Sequence[int] = (0,)) -> str:
    """A table of texts for the terminal.

    :param left: the columns of words; the others are numbers.
    """
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    text = f"{title}\n{'=' * len(title)}\n"
    for line in lines:
        cells = [
            cell.ljust(width) if column in left else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ]
        text += "  ".join(cells).rstrip() + "\n"
    return text
