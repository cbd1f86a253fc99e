"""Amounts as whole numbers of the smallest printed unit, and the ways budgets print them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

FULL_WIDTH = str.maketrans("0123456789.,-", "０１２３４５６７８９．，－")


@dataclass(frozen=True, slots=True)
class NumberStyle:
    """How one document prints its amounts. `decimals`: places after the point of the printed unit.

    zero: what stands for nothing ("", "0.00" by its decimals for "0", "-", "—"). negative: minus,
    dash (−), brackets or word (负).
    """

    unit: str
    decimals: int
    thousands: bool
    zero: str
    negative: str
    full_width: bool = False
    trimmed: bool = False  # 12.50 is printed 12.5, 3.00 is printed 3

    def show(self, amount: int) -> str:
        """The amount (in the smallest unit) as printed."""
        if amount == 0 and self.zero != "0":
            return self.zero
        scale: int = 10**self.decimals
        whole, fraction = divmod(abs(amount), scale)
        digits = f"{whole:,}" if self.thousands else str(whole)
        if self.decimals:
            tail = f"{fraction:0{self.decimals}d}"
            tail = tail.rstrip("0") if self.trimmed else tail
            digits += f".{tail}" if tail else ""
        if amount < 0:
            digits = {"minus": f"-{digits}", "dash": f"−{digits}", "brackets": f"({digits})", "word": f"负{digits}"}[
                self.negative
            ]
        return digits.translate(FULL_WIDTH) if self.full_width else digits


def draw_style(rng: random.Random) -> NumberStyle:
    unit, decimals = rng.choices(
        (
            ("万元", 2),
            ("元", 2),
            ("万元", 0),
            ("万元", 1),
            ("万元", 4),
            ("万元", 6),
            ("元", 0),
            ("千元", 0),
            ("千元", 2),
        ),
        (44, 20, 6, 5, 6, 6, 6, 3, 4),
    )[0]
    return NumberStyle(
        unit=unit,
        decimals=decimals,
        thousands=rng.random() < 0.4,
        zero=rng.choices(("", "0", "-", "—"), (70, 22, 5, 3))[0],
        negative=rng.choice(("minus", "minus", "dash", "brackets", "word")),
        full_width=rng.random() < 0.03,
        trimmed=decimals > 2 or rng.random() < 0.12,
    )


def draw_amount(rng: random.Random, style: NumberStyle, low: float, high: float) -> int:
    """An amount between low and high 万元, log-uniform, in the smallest printed unit; often round."""
    wan = low * (high / low) ** rng.random()
    units = {"万元": wan, "千元": wan * 10, "元": wan * 10_000}[style.unit]
    amount: int = max(1, round(units * 10**style.decimals))
    if rng.random() < 0.3 and amount > 100:
        amount -= amount % int(10 ** (len(str(amount)) - 2))
    return amount


def split(rng: random.Random, total: int, parts: int) -> list[int]:
    """`parts` whole numbers that add up to total, each at least 0 and uneven."""
    weights = [rng.random() ** 2 + 0.02 for _ in range(parts)]
    shares = [int(total * w / sum(weights)) for w in weights]
    shares[rng.randrange(parts)] += total - sum(shares)
    return shares


def share(part: int, whole: int) -> str:
    """A percentage as printed, or empty where there is nothing to divide by."""
    return f"{100 * part / whole:.2f}%" if whole else ""


def running(start: int = 1) -> Iterator[str]:
    """Line numbers."""
    while True:
        yield str(start)
        start += 1
