from __future__ import annotations

import cv2
import numpy as np
import pytest

from extractor.elements import Box
from extractor.pixels.ink import find_ink, is_overprint
from tests.drawn import Picture, blank, coloured, digits, lattice, seal

XS, YS = (60, 300, 540, 840), (100, 160, 220, 280)


def shadowed(picture: Picture) -> Picture:
    """The page as a phone sees it: half as bright at one corner."""
    height, width = picture.shape[:2]
    light = np.add.outer(np.linspace(0.25, 0, height), np.linspace(0.25, 0, width))
    return (picture * (1 - (light if picture.ndim == 2 else light[:, :, None]))).astype(np.uint8)


def printed(width: int = 900, height: int = 600) -> Picture:
    picture = blank(width, height)
    lattice(picture, XS, YS)
    for row, y in enumerate((140, 200, 260)):
        digits(picture, f"{row * 7919 + 1025}.40", 80, y)
    return picture


def test_paper_becomes_white_and_ink_is_what_was_printed() -> None:
    picture = printed()
    ink = find_ink(picture)
    assert ink.coloured is None
    assert (ink.mask == (picture < 128)).mean() > 0.998
    assert ink.clean[picture == 255].min() > 250


@pytest.mark.parametrize("tone", [255, 225, 180])
def test_shadows_and_yellowed_paper_are_no_ink(tone: int) -> None:
    picture = printed()
    aged = np.minimum(shadowed(picture), tone).astype(np.uint8)
    ink = find_ink(aged)
    paper = picture == 255
    assert np.percentile(ink.clean[paper], 2) > 235
    assert ink.mask[paper].mean() < 0.003
    assert ink.mask[picture == 0].mean() > 0.99


def test_a_shaded_header_is_no_ink_but_its_text_is() -> None:
    picture = blank()
    picture[100:160, 60:840] = 205
    box = digits(picture, "2019 1,728.90", 100, 140)
    ink = find_ink(picture)
    outside = ink.mask.copy()
    x0, y0, x1, y1 = (int(v) for v in box)
    assert outside[y0:y1, x0:x1].mean() > 0.1
    outside[y0:y1, x0:x1] = 0
    assert outside.sum() == 0


@pytest.mark.parametrize("height", [44, 60, 180])
def test_a_dark_grey_heading_is_no_ink_up_to_its_sides(height: int) -> None:
    """Its light is estimated coarsely: the paper's tone reached into it, and a low one was ink all over."""
    noise = np.random.default_rng(7).normal(0, 6, blank().shape)
    picture = blank()
    picture[100 : 100 + height, 60:840] = 184
    box = digits(picture, "2019 1,728.90", 100, 136)
    picture = np.clip(picture + noise, 0, 255).astype(np.uint8)
    ink = find_ink(picture)
    outside = ink.faint.copy()
    x0, y0, x1, y1 = (int(v) for v in box)
    assert ink.mask[y0:y1, x0:x1].mean() > 0.1
    outside[y0 - 2 : y1 + 2, x0 - 2 : x1 + 2] = 0
    assert outside.sum() < 20


def test_a_dark_grey_heading_whose_toner_came_off_in_spots_is_no_ink_between_them() -> None:
    picture = blank()
    picture[100:140, 60:840] = 184
    for x, y in ((120, 110), (250, 128), (430, 104), (640, 136), (780, 118)):
        cv2.ellipse(picture, (x, y), (12, 7), 30, 0, 360, 250, -1)
    ink = find_ink(cv2.GaussianBlur(picture, (0, 0), 0.8).astype(np.uint8))
    assert ink.faint[90:150].sum() < 20


@pytest.mark.parametrize("aged", [False, True])
def test_a_seal_fades_and_the_print_under_it_stays(aged: bool) -> None:
    plain = printed()
    picture = coloured(plain)
    seal(picture, 180, 190)
    red = (picture[:, :, 2] > 180) & (picture[:, :, 0] < 120)
    under = (plain == 0) & (picture[:, :, 2] < 60)
    near = np.zeros_like(red)
    near[90:290, 80:280] = True
    ink = find_ink(shadowed(picture) if aged else picture)
    assert ink.coloured is not None
    assert ink.coloured[red].mean() > 0.9
    assert ink.coloured[:, 400:].sum() == 0
    assert ink.mask[red & (plain == 255)].mean() < 0.1
    assert ink.mask[under & near].mean() > 0.9


def test_blue_pen_is_coloured_ink_as_well() -> None:
    picture = coloured(blank())
    digits(picture, "2020", 100, 200, height=60)
    pen = picture[:, :, 0] < 128
    picture[pen] = (200, 60, 40)
    ink = find_ink(picture)
    assert ink.coloured is not None
    assert ink.coloured[pen].mean() > 0.8
    assert ink.mask[pen].mean() < 0.1


_BLUE = (150, 60, 40)


@pytest.mark.parametrize("tall", [False, True])
def test_a_pen_that_went_along_a_line_of_figures_is_no_print(tall: bool) -> None:
    """As low as one character, it was taken for print, and pieces of it for a rule."""
    plain = printed(1700, 1200)
    picture = coloured(plain)
    stroke = [(80, 134), (130, 138), (160, 130), (200, 129), (230, 137), (260, 132), (330, 133)]
    cv2.polylines(picture, [np.array(stroke, np.int32)], False, _BLUE, 5, cv2.LINE_AA)
    if tall:
        picture, plain = picture.transpose(1, 0, 2).copy(), plain.T.copy()
    pen = (picture[:, :, 0].astype(int) - picture[:, :, 2] > 60) & (plain == 255)
    ink = find_ink(picture)
    assert ink.coloured is not None
    assert ink.coloured[pen].mean() > 0.8
    assert ink.mask[pen].mean() < 0.1
    assert ink.mask[plain == 0].mean() > 0.9


def test_coloured_figures_and_a_straight_coloured_line_stay() -> None:
    picture = coloured(blank(2400, 1700))
    digits(picture, "12034.50 -81.20", 80, 140)
    cv2.line(picture, (80, 190), (300, 191), (0, 0, 0), 2)
    picture[picture[:, :, 0] < 128] = (40, 30, 200)
    ink = find_ink(picture)
    assert ink.coloured is None or not ink.coloured.any()


def test_a_coloured_scan_of_a_black_page_has_no_coloured_ink() -> None:
    picture = coloured(printed())
    warm = (picture * np.array([0.86, 0.94, 1.0])).astype(np.uint8)  # yellowish paper
    ink = find_ink(warm)
    assert ink.coloured is None
    assert (ink.mask == find_ink(printed()).mask).mean() > 0.998


def test_a_hand_across_a_seal_does_not_make_it_print() -> None:
    picture = coloured(blank(1600, 1000))
    seal(picture, 500, 300, 180)
    red = (picture[:, :, 2] > 180) & (picture[:, :, 0] < 120)
    hand = [(100, 500), (240, 300), (330, 420), (450, 200), (640, 330), (760, 120), (1000, 260)]
    cv2.polylines(picture, [np.array(hand, np.int32)], False, (110, 50, 30), 5, cv2.LINE_AA)
    blue = (picture[:, :, 0] > picture[:, :, 2]) & (picture[:, :, 2] < 90)
    ink = find_ink(picture)
    assert ink.coloured is not None
    assert ink.coloured[red & ~blue].mean() > 0.8
    assert ink.mask[red & ~blue].mean() < 0.1


def test_what_a_pen_leaves_is_no_print_even_over_print() -> None:
    picture = coloured(blank())
    word = digits(picture, "1728", 100, 100)
    cv2.line(picture, (300, 300), (360, 380), (190, 60, 40), 5)
    cv2.line(picture, (300, 380), (360, 300), (190, 60, 40), 5)
    ink = find_ink(picture)
    assert is_overprint(ink, Box(295, 295, 365, 385))
    assert not is_overprint(ink, word)


def test_a_seal_pressed_so_lightly_that_only_parts_of_it_are_colourful() -> None:
    """Its ring, as dark as weak print, would else be upright rules where it stands upright."""
    picture = coloured(printed())
    bare = picture.copy()
    seal(picture, 420, 190)
    strength = np.full(picture.shape[:2], 0.22)
    strength[150:230, 380:460] = 0.9  # the star in its middle
    picture = (bare - (bare.astype(np.float32) - picture) * strength[:, :, None]).astype(np.uint8)
    for k in range(8):  # worn through in places, so that no long piece of the ring is colourful
        angle = k * np.pi / 4
        cv2.circle(picture, (round(420 + 90 * np.cos(angle)), round(190 + 90 * np.sin(angle))), 4, (255, 255, 255), -1)
    before = bare[:, :, 0]
    ink = find_ink(picture)
    assert ink.coloured is not None
    ring = (picture[:, :, 2].astype(int) - picture[:, :, 0] > 10) & (before == 255)
    assert np.percentile(ink.clean[ring], 2) > 240


def test_coloured_rules_stay_where_a_seal_and_a_pen_of_their_colour_touch_them() -> None:
    """A table ruled in dark blue with yellow header shading hangs together with what is put over it."""
    picture = coloured(blank(1600, 1000))
    picture[100:160, 60:1540] = (200, 240, 255)
    bare = np.full(picture.shape[:2], 255, np.uint8)
    lattice(bare, (60, 300, 540, 840, 1540), (100, 160, 220, 280, 340, 400))
    rules = bare < 128
    seal(picture, 420, 190, 90)
    cv2.line(picture, (700, 460), (760, 398), (150, 50, 25), 6, cv2.LINE_AA)
    red = (picture[:, :, 2] > 180) & (picture[:, :, 0] < 120)
    picture[rules] = (110, 55, 25)
    ink = find_ink(picture)
    assert ink.coloured is not None
    assert ink.coloured[red & ~rules].mean() > 0.8
    assert ink.mask[red & ~rules].mean() < 0.15  # the rules' own fringe stays
    assert ink.mask[rules].mean() > 0.95


@pytest.mark.parametrize("top", [99, 115], ids=["closed", "goes on from the page before"])
def test_short_uprights_of_a_table_with_coloured_rules_are_no_seals(top: int) -> None:
    """Two rows are lower than any seal; where one lies over their borders, these are still the table's."""
    picture = coloured(blank(1600, 1000))
    bare = np.full(picture.shape[:2], 255, np.uint8)
    lattice(bare, (60, 300, 540, 840, 1540), (100, 140, 180))
    bare[:top] = 255
    seal(picture, 580, 130, 60)
    red = (picture[:, :, 2] > 180) & (picture[:, :, 0] < 120)
    rules = bare < 128
    picture[rules] = (110, 55, 25)
    ink = find_ink(picture)
    assert ink.coloured is not None
    assert ink.coloured[red & ~rules].mean() > 0.75
    assert ink.mask[:, 539:541][rules[:, 539:541]].mean() > 0.95


def test_a_yellow_headings_corner_is_no_seal() -> None:
    """No rule stands beside it; its rim is coloured there, as large as a seal, and near bluish rules."""
    bare = np.full((1100, 1640), 255, np.uint8)
    lattice(bare, (250, 414, 894, 1088, 1284, 1482), (280, 320, 362, 402, 444, 484, 524, 565), 3)
    bare[270:590, 1475:] = 255
    for y in (280, 362, 402, 444, 484, 524, 565):
        cv2.line(bare, (160, y), (1482, y), (0,), 3)
    rules = bare < 128
    picture = np.full((*bare.shape, 3), (213, 220, 213), np.uint8)
    picture[280:402, 160:1482] = (168, 206, 214)
    picture[rules] = (100, 70, 50)
    picture[280:402][rules[280:402]] = (106, 106, 101)
    picture[280:283][rules[280:283]] = (67, 58, 48)
    noise = np.random.default_rng(1).normal(0, 10, picture.shape).astype(np.float32)
    noisy = cv2.GaussianBlur(picture, (5, 5), 0) + cv2.GaussianBlur(noise, (3, 3), 0)
    photo = cv2.imdecode(cv2.imencode(".jpg", noisy.clip(0, 255).astype(np.uint8), [1, 70])[1], 1)
    ink = find_ink(photo)
    assert ink.mask[rules].mean() > 0.99
    assert ink.coloured is None or not ink.coloured.any()


def test_rules_that_cross_and_are_bluish_there_are_no_pale_seal() -> None:
    bare = np.full((1100, 1640), 255, np.uint8)
    lattice(bare, (200, 600, 1000, 1400), (200, 400, 600, 800), 3)
    rules = bare < 128
    picture = coloured(bare)
    picture[rules] = (140, 140, 140)
    near = np.zeros_like(rules)
    near[355:445, 555:645] = (np.add.outer(np.arange(90), np.arange(90)) // 8) % 3 == 0
    picture[rules & near] = (170, 140, 128)
    ink = find_ink(cv2.GaussianBlur(picture, (3, 3), 0))
    assert ink.mask[rules & near].mean() > 0.97
    assert ink.coloured is None or not ink.coloured.any()


def test_a_seal_so_pale_that_hardly_any_of_it_is_colourful_lies_on_bare_paper() -> None:
    picture = coloured(printed())
    bare = picture.copy()
    cv2.circle(picture, (420, 190), 90, (190, 130, 130), 9, cv2.LINE_AA)
    pale = (bare - (bare.astype(np.float32) - picture) * 0.6).astype(np.uint8)
    ring = (picture[:, :, 2] < 140) & (bare[:, :, 0] == 255)
    ink = find_ink(pale)
    assert ink.coloured is not None
    assert ink.coloured[ring].mean() > 0.8
    assert np.percentile(ink.clean[ring], 5) > 235


def test_a_pale_seal_across_the_rim_of_a_coloured_header_fades() -> None:
    grey = blank(1600, 1600)
    xs, ys = (180, 700, 1000, 1480), tuple(range(330, 700, 48))
    lattice(grey, xs, ys, 4)
    picture = coloured(grey)
    picture[ys[0] : ys[1], xs[0] : xs[-1]] = np.minimum(
        picture[ys[0] : ys[1], xs[0] : xs[-1]], np.array([160, 226, 250], np.uint8)
    )
    ink = np.full_like(picture, 255)
    cv2.circle(ink, (440, 470), 120, (165, 165, 235), 8, cv2.LINE_AA)
    stamped = (picture.astype(np.uint16) * ink // 255).astype(np.uint8)
    ring = (ink[:, :, 0] < 180) & (grey == 255)
    found = find_ink(stamped)
    assert found.coloured is not None
    assert found.coloured[ring].mean() > 0.7
    assert found.clean[ring].mean() > 225


def test_a_pale_seal_across_a_tables_own_coloured_rules() -> None:
    """Its ring hangs together with the rules, that are no seal's ink; without them it is one."""
    picture = np.full((1400, 1000, 3), 255, np.uint8)
    for y in range(100, 901, 50):
        picture[y : y + 3, 60:940] = (110, 50, 20)
    for x in (60, 400, 937):
        picture[100:900, x : x + 3] = (110, 50, 20)
    ring = np.zeros((1400, 1000), np.uint8)
    cv2.circle(ring, (600, 420), 80, 1, 6)
    over = (ring > 0) & (picture.min(axis=2) > 200)
    patchy = np.random.default_rng(3).uniform(0.4, 1.0, (35, 25)).astype(np.float32)
    strength = cv2.resize(patchy, (1000, 1400))[over][:, None] * 0.55
    picture[over] = (255 * (1 - strength) + np.array([200, 80, 90]) * strength).astype(np.uint8)
    coloured = find_ink(picture).coloured
    assert coloured is not None
    assert coloured[over].mean() > 0.5


def test_a_square_seals_sides_are_no_rules_of_a_table_ruled_in_another_colour() -> None:
    """They go straight from rule to rule and hang together with all of them."""
    picture = coloured(blank(1600, 1000))
    bare = np.full(picture.shape[:2], 255, np.uint8)
    lattice(bare, (60, 300, 540, 840, 1540), tuple(range(100, 501, 40)))
    ink = np.full_like(picture, 255)
    square = np.array([(600, 205), (780, 200), (785, 400), (605, 405)])
    cv2.polylines(ink, [square], True, (100, 90, 225), 8, cv2.LINE_AA)
    over = (ink[:, :, 0] < 160) & (bare == 255)
    picture[:] = ink
    picture[bare < 128] = (110, 55, 25)
    found = find_ink(picture)
    assert found.coloured is not None
    assert found.coloured[over].mean() > 0.8
    assert found.mask[over].mean() < 0.15  # the rules' own fringe stays
    assert found.mask[bare < 128].mean() > 0.95


def test_a_seal_pressed_on_one_side_fades_on_the_other_too() -> None:
    """Its weak side, grey, stood upright through two rows as a border."""
    grey = blank(1600, 1600)
    lattice(grey, (180, 1000, 1480), tuple(range(330, 900, 26)), 3)
    for y in range(356, 900, 26):
        digits(grey, "1,728.90 2,549.18", 420, y - 6, height=13)
    picture = coloured(grey)
    ink = np.full_like(picture, 255)
    cv2.ellipse(ink, (560, 560), (150, 105), -25, 0, 360, (180, 90, 95), 9, cv2.LINE_AA)
    strength = np.linspace(0.75, -0.3, 1600)[None, :, None].clip(0.26, 0.5)
    stamped = (picture * (1 - strength * (1 - ink / 255.0))).astype(np.uint8)
    ring = (ink[:, :, 2] < 140) & (cv2.erode(grey, np.ones((13, 13), np.uint8)) == 255)
    found = find_ink(stamped)
    assert found.coloured is not None
    assert found.coloured[ring].mean() > 0.9
    assert np.percentile(found.clean[ring], 5) > 235
