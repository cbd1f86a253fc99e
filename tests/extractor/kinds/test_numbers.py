from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.kinds.numbers import number_value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1,728.90", "1728.90"),
        ("1728.90", "1728.90"),
        ("１，７２８．９０", "1728.90"),
        ("1 728.90", "1728.90"),
        ("1, 728. 90", "1728.90"),
        (" 0 ", "0"),
        ("0.50", "0.50"),
        ("-3.5", "-3.5"),
        ("−3.5", "-3.5"),
        ("－3.5", "-3.5"),
        ("负3.5", "-3.5"),
        ("(3.50)", "-3.50"),
        ("（1,203.50）", "-1203.50"),
        ("12.5%", "12.5"),
        ("100％", "100"),
        ("-0.4%", "-0.4"),
        ("¥1,000", "1000"),
        ("￥-20.00", "-20.00"),
        ("+7", "7"),
        ("3960704", "3960704"),
    ],
)
def test_numbers(text: str, value: str) -> None:
    assert number_value(text) == value


@pytest.mark.parametrize(
    "text",
    ["", "-", "—", "()", "0050", "00", "2020年", "2020-12-31", "≥90%", "6-9个月", "3次", "12 34", "1,23", "1,2345",
     "1.271.22", "95,00", "合计", "一、", "(-3)", "1=2+3", "10.", ".5", "2080505 2101101", "3\n4"],
)  # fmt: skip
def test_not_numbers(text: str) -> None:
    assert number_value(text) is None


@given(
    st.decimals(min_value=-(10**12), max_value=10**12, places=2), st.sampled_from(["plain", "comma", "wide", "paren"])
)
def test_every_style_of_one_amount_has_the_same_value(amount: Decimal, style: str) -> None:
    amount = amount if amount else Decimal("0.00")
    plain = f"{amount:.2f}"
    text = {"plain": plain, "comma": f"{amount:,.2f}", "wide": plain, "paren": f"{amount:,.2f}"}[style]
    if style == "wide":
        text = "".join(chr(ord(c) + 0xFEE0) for c in text)
    if style == "paren" and amount < 0:
        text = f"（{-amount:,.2f}）"
    assert number_value(text) == plain
