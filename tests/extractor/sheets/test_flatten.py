"""Photographed and bent pages: a drawn page is bent by a known map, and what comes back is held against that map."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from extractor.elements import Box, Frame, Grid, Mesh, RawPage
from extractor.pixels.ink import find_ink
from extractor.ruling.borders import find_borders
from extractor.ruling.grid import solve_grids
from extractor.ruling.rules import find_ridges, find_rules
from extractor.sheets.curves import trace
from extractor.sheets.dotted import trace_dotted
from extractor.sheets.flatten import is_bent
from extractor.sheets.sheet import find_sheet
from extractor.sheets.upright import set_upright

WIDTH, HEIGHT = 1240, 1754
TEXT = 17.0
XS = (110, 330, 520, 760, 960, 1130)
YS = tuple(range(260, 1300, 52))
Plane = tuple[np.ndarray, np.ndarray]
Bend = Callable[[np.ndarray, np.ndarray], Plane]


class Lying:
    """Orientation that knows how the page lies."""

    def __init__(self, turns: int = 0) -> None:
        self.turns = turns

    def upright_probabilities(self, picture: np.ndarray) -> tuple[float, float, float, float]:
        odds = [0.0, 0.0, 0.0, 0.0]
        odds[self.turns] = 1.0
        return odds[0], odds[1], odds[2], odds[3]


def drawn_page(*, ruled: bool = True) -> np.ndarray:
    page = np.full((HEIGHT, WIDTH, 3), 255, np.uint8)
    if ruled:
        for y in YS:
            cv2.line(page, (XS[0], y), (XS[-1], y), (0, 0, 0), 2)
        for x in XS:
            cv2.line(page, (x, YS[0]), (x, YS[-1]), (0, 0, 0), 2)
    for y in (120, *(y + 34 for y in YS[:-1])):
        for x in XS[:-1]:
            cv2.putText(page, "2080501", (x + 30, y), cv2.FONT_HERSHEY_SIMPLEX, 0.6, (0, 0, 0), 2)
    return page


def dotted_page() -> np.ndarray:
    page = drawn_page(ruled=False)
    for y in YS:
        for x in range(XS[0], XS[-1], 6):
            page[y - 1 : y + 2, x - 1 : x + 2] = 40
    for x in XS:
        for y in range(YS[0], YS[-1], 6):
            page[y - 1 : y + 2, x - 1 : x + 2] = 40
    return page


def level(x: np.ndarray, y: np.ndarray) -> Plane:
    return x, y


def curled(x: np.ndarray, y: np.ndarray) -> Plane:
    """As a sheet once rolled: lines rise in the middle, lower ones more."""
    return x, y + 30 * np.sin(np.pi * x / WIDTH * 1.2 + 0.3) * (0.7 + 0.5 * y / HEIGHT)


def swayed(x: np.ndarray, y: np.ndarray) -> Plane:
    return x + 22 * np.sin(np.pi * y / HEIGHT * 1.1 + 1.0), y


def bound(x: np.ndarray, y: np.ndarray) -> Plane:
    """As an open book: near the left side the page dives into the fold."""
    fall = np.exp(-np.maximum(x, -200) / 170)
    return x - 20 * fall, y + 45 * fall * (y / HEIGHT - 0.4)


class Photo:
    """A page as the camera saw it. `page_at` leads from picture pixels to the page's own."""

    def __init__(
        self, page: np.ndarray, bend: Bend, corners: list[tuple[float, float]] | None, size: tuple[int, int],
        cast: tuple[float, float, float] = (1.0, 1.0, 1.0),
    ) -> None:
        square = np.array([(0, 0), (WIDTH, 0), (WIDTH, HEIGHT), (0, HEIGHT)], np.float32)
        self.matrix = cv2.getPerspectiveTransform(square if corners is None else np.array(corners, np.float32), square)
        self.bend = bend
        y, x = np.mgrid[0 : size[1], 0 : size[0]].astype(np.float64)
        px, py = self.page_at(x, y)
        seen = cv2.remap(
            page, px.astype(np.float32), py.astype(np.float32), cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
        ).astype(np.float64)
        if corners is not None:
            seen[(px < 0) | (py < 0) | (px > WIDTH) | (py > HEIGHT)] = (52, 68, 92)
        light = 1 - 0.35 / (1 + np.exp((x + 0.6 * y - 0.7 * size[0]) / 160))
        noise = np.random.default_rng(3).normal(0, 3, size[::-1])
        self.picture = np.clip(seen * light[..., None] * cast + noise[..., None], 0, 255).astype(np.uint8)

    def page_at(self, x: np.ndarray, y: np.ndarray) -> Plane:
        m = self.matrix
        below = m[2, 0] * x + m[2, 1] * y + m[2, 2]
        return self.bend((m[0, 0] * x + m[0, 1] * y + m[0, 2]) / below, (m[1, 0] * x + m[1, 1] * y + m[1, 2]) / below)


def raw(picture: np.ndarray, scale: float = 0.5) -> RawPage:
    height, width = picture.shape[:2]
    to_shown = Frame((scale, 0.0, 0.0, 0.0, scale, 0.0, 0.0, 0.0, 1.0))
    return RawPage(1, width * scale, height * scale, "scan", to_shown, picture)


def only_grid(picture: np.ndarray, size: float) -> Grid:
    ink = find_ink(picture)
    ridges = find_ridges(ink, size)
    rules = [rule for rule in find_rules(ridges) if rule.end - rule.start > 4 * size]
    grids = solve_grids(rules, size, find_borders(ridges, rules, []).evidence)
    assert len(grids) == 1
    return grids[0]


def assert_flat(photo: Photo, picture: np.ndarray, turns: int = 0) -> None:
    """The picture's table comes out whole, and its cells' polygons lie where the cells were drawn."""
    page = set_upright(raw(picture), Lying(turns))
    assert page.rotation == 90 * turns
    grid = only_grid(page.picture, TEXT * page.picture.shape[0] / HEIGHT)
    assert (grid.n_rows, grid.n_cols) == (len(YS) - 1, len(XS) - 1)
    assert len(grid.cells) == grid.n_rows * grid.n_cols
    unturned = {
        0: lambda x, y: (x, y),
        1: lambda x, y: (y, photo.picture.shape[0] - 1 - x),
        2: lambda x, y: (photo.picture.shape[1] - 1 - x, photo.picture.shape[0] - 1 - y),
        3: lambda x, y: (photo.picture.shape[1] - 1 - y, x),
    }[(4 - turns) % 4]
    worst = 0.0
    for cell in grid.cells:
        polygon = page.frame.polygon(cell.box)
        want = ((0, 0), (0, 1), (1, 1), (1, 0))
        for point, (down, right) in zip(polygon, want, strict=True):
            x, y = unturned(point.x * 2, point.y * 2)
            px, py = photo.page_at(np.array(x), np.array(y))
            worst = max(worst, abs(px - XS[cell.col + right]), abs(py - YS[cell.row + down]))
    assert worst < 0.25 * TEXT


TILTED = [(150.0, 90.0), (1330.0, 150.0), (1300.0, 1850.0), (70.0, 1790.0)]


@pytest.mark.parametrize("bend", [level, curled, swayed, bound])
def test_photograph_is_flattened(bend: Bend) -> None:
    photo = Photo(drawn_page(), bend, TILTED, (1440, 1960), (0.86, 0.93, 1.0))
    assert_flat(photo, photo.picture)


@pytest.mark.parametrize("bend", [level, curled, bound])
def test_photograph_of_dotted_rules_is_flattened(bend: Bend) -> None:
    photo = Photo(dotted_page(), bend, TILTED, (1440, 1960), (0.86, 0.93, 1.0))
    assert_flat(photo, photo.picture)


@pytest.mark.parametrize("bend", [curled, bound])
def test_photograph_of_dotted_rules_under_a_solid_one_is_flattened(bend: Bend) -> None:
    """The one solid rule is long enough to tell how the page lies, but nothing of its middle and foot."""
    page = dotted_page()
    cv2.line(page, (XS[0], YS[0]), (XS[-1], YS[0]), (0, 0, 0), 3)
    photo = Photo(page, bend, TILTED, (1440, 1960), (0.86, 0.93, 1.0))
    assert_flat(photo, photo.picture)


def test_dotted_rules_are_traced_and_text_is_not() -> None:
    grey = cv2.cvtColor(dotted_page(), cv2.COLOR_BGR2GRAY)
    level, upright = (trace_dotted(view, TEXT).length() for view in (grey, np.ascontiguousarray(grey.T)))
    assert level > 0.8 * len(YS) * (XS[-1] - XS[0])
    assert upright > 0.8 * len(XS) * (YS[-1] - YS[0])
    words = cv2.cvtColor(drawn_page(ruled=False), cv2.COLOR_BGR2GRAY)
    assert trace_dotted(words, TEXT).count == 0


def test_upright_rules_are_seen_in_rows_lower_than_a_stroke_may_be_long() -> None:
    """Where level rules cross an upright one, neither of its sides is lighter: it is seen in pieces of one row."""
    page = np.full((600, 900), 255, np.uint8)
    for y in range(60, 540, 24):
        cv2.line(page, (80, y), (820, y), (90,), 2)
    for x in (80, 260, 500, 820):
        cv2.line(page, (x, 60), (x + 12, 516), (90,), 2)
    assert trace(np.ascontiguousarray(page.T), TEXT).length() > 3.5 * 456


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_photograph_lying_on_its_side(turns: int) -> None:
    photo = Photo(drawn_page(), curled, TILTED, (1440, 1960))
    # The camera's picture turned counterclockwise must be turned clockwise to be read.
    assert_flat(photo, np.ascontiguousarray(np.rot90(photo.picture, turns)), turns)


def test_sheet_running_out_of_the_picture() -> None:
    beyond = [(-60.0, 90.0), (1190.0, 150.0), (1160.0, 2010.0), (-40.0, 1980.0)]
    photo = Photo(drawn_page(), curled, beyond, (1300, 1800))
    sheet = find_sheet(photo.picture)
    assert sheet is not None
    assert sheet.seen == (False, True, True, False)
    assert_flat(photo, photo.picture)


@pytest.mark.parametrize("bend", [curled, swayed, bound])
def test_bent_page_that_fills_the_picture(bend: Bend) -> None:
    photo = Photo(drawn_page(), bend, None, (WIDTH, HEIGHT))
    assert find_sheet(photo.picture) is None
    assert is_bent(photo.picture)
    assert_flat(photo, photo.picture)


def test_sheet_is_found_with_its_corners() -> None:
    sheet = find_sheet(Photo(drawn_page(), level, TILTED, (1440, 1960)).picture)
    assert sheet is not None
    assert sheet.seen == (True, True, True, True)
    assert np.abs(sheet.corners - np.array(TILTED)).max() < 12
    width, height = sheet.size()
    assert height / width == pytest.approx(2**0.5, abs=0.01)


@pytest.mark.parametrize("border", [0, 20])
def test_scan_is_left_alone(border: int) -> None:
    page = drawn_page()
    page[:, :border] = 12  # the dark edge that a scanner's lid leaves
    noisy = np.clip(page.astype(np.int16) - np.random.default_rng(1).integers(0, 25, page.shape), 0, 255)
    picture = noisy.astype(np.uint8)
    assert find_sheet(picture) is None
    assert not is_bent(picture)
    upright = set_upright(raw(picture), Lying())
    assert np.array_equal(upright.picture[:, border and border + 3 :], picture[:, border and border + 3 :])
    assert (upright.picture is picture) == (border == 0)
    assert upright.frame.mesh is None


@pytest.mark.parametrize("turns", [0, 1, 2])
@pytest.mark.parametrize("first", [60, 260])
def test_shaded_headings_of_a_scan_with_a_dark_edge_are_no_ground(turns: int, first: int) -> None:
    """Under a heading's grey a sheet seems to begin; beside the scanner's dark edge it was cut off as ground."""
    page = drawn_page()
    page[first : first + 120, XS[0] : XS[-1]] = np.minimum(page[first : first + 120, XS[0] : XS[-1]], 185)
    page[-30:] = 30
    picture = np.ascontiguousarray(np.rot90(page, turns))
    assert find_sheet(picture) is None


def test_a_picture_narrower_than_the_rims_depth_is_no_sheet_on_a_ground() -> None:
    strip = np.full((30, 900), 255, np.uint8)
    strip[10:12, 50:850] = 0
    assert find_sheet(strip) is None


def test_skewed_scan_is_not_bent() -> None:
    turn = cv2.getRotationMatrix2D((WIDTH / 2, HEIGHT / 2), 2.2, 1)
    picture = cv2.warpAffine(drawn_page(), turn, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REPLICATE)
    assert not is_bent(picture)
    assert set_upright(raw(picture), Lying()).skew == pytest.approx(2.2, abs=0.1)


def test_photograph_without_rules_is_levelled() -> None:
    page = drawn_page(ruled=False)
    turn = cv2.getRotationMatrix2D((WIDTH / 2, HEIGHT / 2), -1.5, 1)
    page = cv2.warpAffine(page, turn, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REPLICATE)
    photo = Photo(page, level, TILTED, (1440, 1960))
    upright = set_upright(raw(photo.picture), Lying())
    again = set_upright(raw(upright.picture), Lying())
    assert upright.frame.mesh is not None
    assert abs(again.skew) < 0.15


def test_ground_is_cropped_and_a_cast_is_no_ink() -> None:
    photo = Photo(drawn_page(), curled, TILTED, (1440, 1960), (0.8, 0.92, 1.0))
    page = set_upright(raw(photo.picture), Lying())
    ink = find_ink(page.picture)
    rims = (ink.mask[:25], ink.mask[-25:], ink.mask[:, :25], ink.mask[:, -25:])
    assert max(float(rim.mean()) for rim in rims) < 0.001
    assert ink.coloured is None


def test_mesh_is_exact_at_nodes_bilinear_between_and_goes_on_beyond() -> None:
    mesh = Mesh(10.0, 3, (0.0, 12.0, 20.0, 1.0, 13.0, 21.0), (5.0, 5.0, 5.0, 15.0, 15.0, 17.0))
    assert mesh.point(10, 0) == (12.0, 5.0)
    assert mesh.point(20, 10) == (21.0, 17.0)
    assert mesh.point(5, 5) == (6.5, 10.0)
    assert mesh.point(25, 0) == (24.0, 5.0)
    frame = Frame((2.0, 0.0, 1.0, 0.0, 2.0, 0.0, 0.0, 0.0, 1.0), mesh)
    assert frame.polygon(Box(0, 0, 10, 10)) == ((1.0, 10.0), (25.0, 10.0), (27.0, 30.0), (3.0, 30.0))


def test_a_sheet_on_a_ground_that_was_made_black_and_white() -> None:
    """Greys of the ground are dots there: white stands between them at every spot."""
    grey = np.full((1100, 1500), 175, np.float32)
    corners = np.array([(150, 90), (1390, 60), (1420, 1020), (110, 1000)], np.int32)
    cv2.fillPoly(grey, [corners], 235.0)
    noisy = grey + np.random.default_rng(3).normal(0, 28, grey.shape)
    bilevel = ((noisy > 165) * 255).astype(np.uint8)
    sheet = find_sheet(bilevel)
    assert sheet is not None
    assert np.abs(sheet.corners - corners).max() < 20
