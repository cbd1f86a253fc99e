"""All signs of a document: what speaks for and against every cell and grid of it, once it is put together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from extractor.elements import PageResult
from extractor.joining.meaning import MeantTable
from extractor.joining.overpages import WholeTable
from extractor.joining.running import as_read
from extractor.sums.evidence import Evidence
from extractor.sums.ledger import Place
from extractor.sums.promises import Promise
from extractor.trust.codesigns import disordered_codes, disordered_names
from extractor.trust.gridsigns import layout_of
from extractor.trust.nearnumbers import near_numbers
from extractor.trust.placesigns import Lattice, Surroundings, place_signs, table_signs
from extractor.trust.sequences import out_of_series
from extractor.trust.signs import CERTAIN, CellSigns, SignedTable, log_odds
from extractor.trust.slips import slips
from extractor.trust.textsigns import Around, Said, text_signs


def signs_of(
    tables: Sequence[MeantTable], sums: Sequence[Promise], seen: Mapping[Place, Evidence], pages: Sequence[PageResult]
) -> tuple[SignedTable, ...]:
    """Signs of a document's tables, in their order. `seen`: what sums say of their numbers; `pages`: where they are."""
    whole = [table.whole for table in tables]
    said, sound, numbered = Said.of(tables), _sound(seen), {page.number: page for page in pages}
    near = near_numbers(tables, {place for place, one in seen.items() if one.held}) | slips(sums, seen)
    return tuple(
        _signed(
            table, seen, near, said, sound,
            Surroundings(_loose_end(whole, i), _strays(table.whole, numbered), layout_of(whole, i, numbered)),
        )
        for i, table in enumerate(tables)
    )


def _strays(table: WholeTable, pages: Mapping[int, PageResult]) -> int:
    """Lines of text that stand to the left or right of a table's ends, in no table: a column of it may be lost."""
    found = 0
    for part in {table.first.page: table.first, table.last.page: table.last}.values():
        if (page := pages.get(part.page)) is None:
            continue
        box = as_read(part.box, page)
        for line in page.lines:
            x, y = as_read(line.box, page).center
            found += box.y0 < y < box.y1 and not box.x0 <= x <= box.x1
    return found


def _sound(seen: Mapping[Place, Evidence]) -> float:
    """Log-odds of a document's numbers for keeping sums, 0 where no sum says anything."""
    kept = sum(one.held > 0 for one in seen.values())
    return log_odds((kept + 1) / (len(seen) + 2), CERTAIN)


def _signed(
    table: MeantTable, seen: Mapping[Place, Evidence], near: frozenset[Place], said: Said, sound: float,
    outside: Surroundings,
) -> SignedTable:  # fmt: skip
    whole = table.whole
    sums = [seen.get((table.id, cell.row, cell.col)) for cell in table.cells]
    around, lattice = Around.of(whole, table.header_rows), Lattice.of(whole, table.header_rows, sums)
    codes, odd = disordered_codes(table), out_of_series(table)
    odd |= disordered_names(table) | {(row, col) for name, row, col in near if name == table.id}
    cells = tuple(
        CellSigns(
            text_signs(
                cell, around, said, own, lattice.held_beside(cell.whole, own), sound,
                codes.get((cell.row, cell.col), 0.0), (cell.row, cell.col) in odd,
            ),
            place_signs(cell.whole, lattice, own),
        )
        for cell, own in zip(table.cells, sums, strict=True)
    )
    return SignedTable(table_signs(whole, lattice, around.besides(0.0), outside, sums), cells)


def _loose_end(tables: Sequence[WholeTable], i: int) -> bool:
    """Whether a table and a neighbour meet at a page break with nothing between them, and yet are two."""

    def meet(a: WholeTable, b: WholeTable) -> bool:
        untitled = not b.first.title or b.first.title == a.first.title
        return b.pages[0] == a.pages[-1] + 1 and a.last.at_bottom and b.first.at_top and untitled

    return (i > 0 and meet(tables[i - 1], tables[i])) or (i + 1 < len(tables) and meet(tables[i], tables[i + 1]))
