"""How sure it is that a table goes on over a page break: what spoke for the join, and its doubt.

The doubt is reasoned, not fitted: a sign (`TableSigns.doubt`) that confidence weighs.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from extractor.elements import PageResult, PageTable
from extractor.joining.running import as_read

FOOT = 0.9  # share of the page's height: tables that fill a page end below it
_LOG_ODDS = 2.5  # of a join with nothing but like columns and a full page
_REPEATED, _TITLED = 1.5, 1.5  # the header, the title printed again
_CUT = 1.5  # a cell or row is cut by the break
_ROOM = 8.0  # a whole page left blank below the upper part
_ENDED = 2.0  # a total stands in the upper part's last row
_UNLIKE = 3.0  # none of the sparser part's inner column borders stand in the other one


@dataclass(frozen=True, slots=True)
class Break:
    """One page break that a table was taken to go on over.

    likeness: share (0..1) of the sparser part's inner column borders that both parts have. repeated, titled:
    the header, the title stands again on the next page. cut: some cell is cut by the break. room: share of the
    page's height (0..1) left blank below the upper part, where a table that goes on would have filled it.
    ended: the upper part's last row is a total.
    """

    likeness: float
    repeated: bool
    titled: bool
    cut: bool
    room: float
    ended: bool

    @property
    def doubt(self) -> float:
        """0..1: how doubtful it is that the parts are one table; reasoned, for ranking and as a feature."""
        odds = _LOG_ODDS + _REPEATED * self.repeated + _TITLED * self.titled + _CUT * self.cut
        odds -= _ROOM * self.room + _ENDED * self.ended + _UNLIKE * (1 - self.likeness)
        return 1 / (1 + math.exp(odds))


def room_below(part: PageTable, page: PageResult) -> float:
    """Share of the page's height between a table's foot and where full pages end."""
    height = page.width if page.rotation % 180 else page.height
    return max(0.0, FOOT - as_read(part.box, page).y1 / height) if height else 0.0
