from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from extractor.elements import Box, Char, TextLine
from models import lonely
from models.language import chinese


def crop(*blobs: tuple[int, int, int, int], hollow: bool = False) -> NDArray[np.uint8]:
    """A crop 24 high with dark ellipses (x, y, half width, half height), blurred as a worn scan is."""
    picture = np.full((24, 60, 3), 235, np.uint8)
    for x, y, w, h in blobs:
        cv2.ellipse(picture, (x, y), (w, h), 0, 0, 360, (60, 60, 60), 2 if hollow else -1)
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), 0.8), np.uint8)


def read(text: str, p: float) -> TextLine:
    return TextLine(text, Box(0, 0, 60, 24), tuple(Char(c, p) for c in text))


def test_two_small_blobs_are_stars_where_the_reading_is_in_doubt() -> None:
    stars = crop((20, 11, 4, 4), (36, 11, 4, 4))
    settled = lonely.settle(read("火火", 0.3), stars)
    assert settled.text == "**"
    assert settled.p < 0.5
    assert lonely.settle(read("88", 0.9), stars).text == "88"


@pytest.mark.parametrize(
    "blobs", [((20, 12, 6, 9), (40, 12, 6, 9)), ((20, 12, 2, 5), (36, 12, 2, 5)), ((20, 6, 4, 4), (36, 18, 4, 4))]
)
def test_tall_narrow_or_slanting_blobs_are_no_stars(blobs: tuple[tuple[int, int, int, int], ...]) -> None:
    assert lonely.settle(read("火火", 0.3), crop(*blobs)).text == "火火"


def test_rings_are_no_stars() -> None:
    assert lonely.settle(read("oo", 0.3), crop((18, 11, 6, 6), (40, 11, 6, 6), hollow=True)).text == "oo"


def test_a_wrapped_character_is_taken_for_its_twin_where_words_ask_for_it() -> None:
    assert lonely.twins(read("日", 0.998), "经常性项", chinese()).text == "目"
    assert lonely.twins(read("日", 0.998), "经常性项", chinese()).by_words
    assert lonely.twins(read("日", 0.998), "填报", chinese()).text == "日"
    assert lonely.twins(read("日", 0.998), "2020年12月31", chinese()).text == "日"


def test_inside_a_line_words_must_ask_loudly() -> None:
    def told(text: str) -> str:
        return lonely.twins(read(text, 0.97), "", chinese()).text

    assert told("整体绩效总日标") == "整体绩效总目标"
    assert told("单位名称(科日)") == "单位名称(科目)"
    right = "填报日期 2020年12月31日 工作日 节日慰问 国土资源 日常公用支出 年末结转 土地补偿 未来三年 目前 博士后"
    assert [told(text) for text in right.split()] == right.split()


@pytest.mark.parametrize(
    ("worn", "printed"),
    [
        ("部门项月", "部门项目"), ("月标1:", "目标1:"), ("因难群众", "困难群众"), ("基木支出", "基本支出"),
        ("效盗指标", "效益指标"),
    ],
)
def test_what_worn_print_makes_of_a_character_is_undone_where_words_ask_for_it(worn: str, printed: str) -> None:
    assert lonely.twins(read(worn, 0.995), "", chinese()).text == printed
    assert lonely.twins(read(worn, 0.9995), "", chinese()).text == worn  # clear print stands


def test_what_worn_print_could_have_made_stands_where_words_say_so() -> None:
    right = "12月标准 每月标准 因病致贫 贫因病返贫 木材加工 全额拨款 清源县 池塘 利率 文具 防盗设施 上级文件 上级文"
    for text in right.split():
        assert lonely.twins(read(text, 0.99), "", chinese()).text == text
