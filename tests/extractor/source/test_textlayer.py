"""Text layers: which are trusted, their lines, and the rules that a page draws."""

from __future__ import annotations

from pathlib import Path

import pikepdf
import pytest
from pikepdf import Dictionary, Name

from extractor.elements import RawPage, Rule, TextLine
from extractor.source.documents import open_document
from extractor.source.fontmaps import garbled, mend
from tests import paper
from tests.paper import bar, lattice, line, text

WORDS = "二〇二四年部门收支预算总表本年收入合计"


def load(path: Path) -> RawPage:
    with open_document(path) as source:
        return source.load(1)


def page(tmp_path: Path, content: str, **entries: object) -> RawPage:
    return load(paper.save(tmp_path / "page.pdf", content, **entries))  # type: ignore[arg-type]


def lines_of(raw: RawPage) -> list[TextLine]:
    assert raw.source == "text"
    return list(raw.lines)


def texts(raw: RawPage) -> list[str]:
    return [line.text for line in lines_of(raw)]


def counted(raw: RawPage) -> tuple[int, int]:
    return sum(r.horizontal for r in raw.rules), sum(not r.horizontal for r in raw.rules)


class TestTrust:
    def scan(self, pdf: pikepdf.Pdf) -> pikepdf.Stream:
        return paper.image(pdf, paper.page_picture().tobytes(), 800, 600, Name.DeviceGray)

    def test_invisible_text_over_a_scan(self, tmp_path: Path) -> None:
        raw = load(paper.save_scan(tmp_path / "a.pdf", self.scan, after=text(50, 100, WORDS, mode=3)))
        assert raw.source == "scan"
        assert raw.picture is not None
        assert (raw.picture == paper.page_picture()).all(), "invisible text must not keep us from the stored pixels"
        assert [w.code for w in raw.warnings] == ["invisible_text"]
        assert not raw.lines

    def test_text_covered_by_a_scan(self, tmp_path: Path) -> None:
        raw = load(paper.save_scan(tmp_path / "a.pdf", self.scan, before=text(50, 100, WORDS)))
        assert raw.source == "scan"
        assert [w.code for w in raw.warnings] == ["covered_text"]

    def test_table_over_a_background_picture_is_text(self, tmp_path: Path) -> None:
        drawn = paper.filled_table([50, 150, 250], [50, 80, 110])
        assert load(paper.save_scan(tmp_path / "a.pdf", self.scan, after=drawn)).source == "text"

    def test_large_picture_beside_text_is_not_lost(self, tmp_path: Path) -> None:
        small = "q 300 0 0 150 50 20 cm /Im Do Q"
        raw = load(paper.save_scan(tmp_path / "a.pdf", self.scan, "0 0 0 0 0 0 cm", after=small + text(50, 250, WORDS)))
        assert raw.source == "scan"
        assert [w.code for w in raw.warnings] == ["picture_on_page"]

    def test_scanner_mark_on_a_picture_does_not_make_it_a_background(self, tmp_path: Path) -> None:
        content = text(60, 30, "扫描") + text(50, 270, WORDS)
        raw = load(paper.save_scan(tmp_path / "a.pdf", self.scan, "300 0 0 200 50 20 cm", after=content))
        assert [w.code for w in raw.warnings] == ["picture_on_page"]

    def test_text_in_outlines_beside_real_text(self, tmp_path: Path) -> None:
        outlines = "".join(f" {x} {y} m {x + 6} {y + 8} {x + 9} {y + 1} {x + 3} {y} c h f"
                           for x in range(20, 380, 12) for y in range(20, 200, 30))
        raw = page(tmp_path, outlines + text(50, 250, WORDS))
        assert raw.source == "scan"
        assert [w.code for w in raw.warnings] == ["outlined_text"]

    def test_emblem_beside_text_is_no_matter(self, tmp_path: Path) -> None:
        emblem = "q 30 0 0 30 50 20 cm /Im Do Q"
        content = emblem + text(50, 250, WORDS)
        raw = load(paper.save_scan(tmp_path / "a.pdf", self.scan, "0 0 0 0 0 0 cm", after=content))
        assert raw.source == "text"
        assert raw.warnings == ()

    @pytest.mark.parametrize("target", [0xE000, 0x0300, 0x1200, 0x9E00])
    def test_broken_character_maps(self, tmp_path: Path, target: int) -> None:
        with pikepdf.open(paper.save(tmp_path / "a.pdf", "")) as pdf:
            font = paper.garbled_font(pdf, target)
            pdf.pages[0].obj.Resources = Dictionary(Font=Dictionary(F1=font))
            pdf.pages[0].obj.Contents = pdf.make_stream(b"BT /F1 12 Tf 50 100 Td (Budget of the year 2024) Tj ET")
            pdf.save(tmp_path / "b.pdf")
        raw = load(tmp_path / "b.pdf")
        assert raw.source == "scan"
        assert raw.picture is not None
        assert [w.code for w in raw.warnings] == ["garbled_text"]

    @pytest.mark.parametrize(
        ("words", "reason"),
        [
            ("本年收入合计12,345.67万元", ""),
            ("二〇二三年度部門收支預算總表國務院財政撥款", ""),
            ("General public budget 2024, total 1,234.50", ""),
            ("±³Ú½Ê¡²ÆÕþÌüÔ¤Ëã", "mojibake"),
            ("锛屼腑鍥芥枃鏈瓧绗﹂敓鏂ゆ嫹鐧惧害", "implausible Chinese"),
            ("\ue001\ue002\ue003\ue004预算收入支出", "broken character map"),
            ("收\ufffd支\ufffd总\ufffd表\ufffd年", "broken character map"),
        ],
    )
    def test_what_is_garbled(self, words: str, reason: str) -> None:
        assert garbled(list(words), 0) == reason

    def test_codes_that_the_font_does_not_explain(self) -> None:
        assert garbled(list("本年收入合计本年收入合计"), 6) == "codes without a character"

    def test_characters_named_wrongly_are_mended(self) -> None:
        assert "".join(map(mend, "⾦额⻓期⽀出\uf0fe是\uf0a8否\u200b")) == "金额长期支出☑是☐否"


class TestLines:
    def test_characters_and_places(self, tmp_path: Path) -> None:
        [found] = lines_of(page(tmp_path, text(50, 200, "收入12.5", 10)))
        assert found.text == "收入12.5"
        assert [c.x for c in found.chars] == pytest.approx([55, 65, 72.5, 77.5, 82.5, 87.5])
        assert found.p == 1.0
        assert found.box == pytest.approx((50, 300 - 208.8, 90, 300 - 198.8), abs=0.1)

    def test_a_wide_gap_parts_lines_and_a_narrow_one_does_not(self, tmp_path: Path) -> None:
        assert texts(page(tmp_path, text(50, 200, "单位名称") + text(92, 200, "某局") + text(250, 200, "万元"))) == [
            "单位名称某局", "万元",
        ]

    def test_a_rule_parts_what_stands_close(self, tmp_path: Path) -> None:
        content = text(50, 200, "款") + text(61, 200, "项") + lattice([45, 60.5, 75], [190, 215])
        assert texts(page(tmp_path, content)) == ["款", "项"]

    def test_a_run_that_crosses_a_rule_is_cut_at_it(self, tmp_path: Path) -> None:
        content = text(50, 200, "3960704") + lattice([45, 70, 100], [190, 215])
        assert texts(page(tmp_path, content)) == ["3960", "704"]

    def test_writing_order_does_not_matter(self, tmp_path: Path) -> None:
        content = text(80, 200, "支出") + text(50, 150, "第二行") + text(60, 200, "收入") + text(50, 200, "总")
        assert texts(page(tmp_path, content)) == ["总收入支出", "第二行"]

    def test_bold_by_drawing_twice_is_read_once(self, tmp_path: Path) -> None:
        assert texts(page(tmp_path, text(50, 200, "合计100") + text(50.3, 200, "合计100"))) == ["合计100"]

    def test_text_outside_the_page_or_its_clip_is_left_out_and_said(self, tmp_path: Path) -> None:
        clipped = f"q 50 80 30 40 re W n {text(50, 100, '截去一半')} Q"
        content = text(50, 200, "本年收入") + text(500, 200, "远处") + clipped
        raw = page(tmp_path, content)
        assert texts(raw) == ["本年收入", "截去一"]
        assert [w.code for w in raw.warnings] == ["text_not_shown"]

    def test_text_that_nobody_can_see_is_left_out(self, tmp_path: Path) -> None:
        """White on white, and covered by a later fill; white on a dark header is seen."""
        content = text(50, 250, WORDS) + " 1 g" + text(50, 200, "隐藏") + " 0 g" + bar(50, 150, 100, 20) + " 1 g"
        content += text(60, 155, "反白表头") + " 0 g" + text(50, 100, "遮盖") + " 1 g" + bar(40, 90, 100, 30)
        raw = page(tmp_path, content)
        assert texts(raw) == [WORDS, "反白表头"]
        assert [w.code for w in raw.warnings] == ["text_not_shown"]

    def test_codes_without_any_character_map_are_not_text(self, tmp_path: Path) -> None:
        with pikepdf.open(paper.save(tmp_path / "a.pdf", "")) as pdf:
            font = paper.chinese_font(pdf)
            font.Encoding, font.BaseFont = Name("/Identity-H"), Name("/ABCDEF+SimSun")
            font.DescendantFonts[0].CIDSystemInfo = Dictionary(Registry="Adobe", Ordering="Identity", Supplement=0)
            font.DescendantFonts[0].Subtype = Name.CIDFontType2
            pdf.pages[0].obj.Resources = Dictionary(Font=Dictionary(F1=font))
            codes = "".join(f"{code:04x}" for code in range(3000, 3030))
            pdf.pages[0].obj.Contents = pdf.make_stream(f"BT /F1 10 Tf 50 100 Td <{codes}> Tj ET".encode())
            pdf.save(tmp_path / "b.pdf")
        raw = load(tmp_path / "b.pdf")
        assert raw.source == "scan"
        assert [w.code for w in raw.warnings] == ["garbled_text"]

    def test_slanted_watermarks_stay_out(self, tmp_path: Path) -> None:
        mark = f"q .7 .7 -.7 .7 100 0 cm {text(50, 50, '内部资料')} Q"
        assert texts(page(tmp_path, text(50, 200, WORDS) + mark)) == [WORDS]

    @pytest.mark.parametrize("rotate", [0, 90, 180, 270])
    @pytest.mark.parametrize("drawn", [0, 90, 180, 270])
    def test_turned_pages_are_read_upright_and_lead_back(self, tmp_path: Path, drawn: int, rotate: int) -> None:
        """Text drawn at any quarter turn on a page shown at any: lines run right, and boxes lead to what is shown."""
        turns = {0: "1 0 0 1 0 0", 90: "0 1 -1 0 400 0", 180: "-1 0 0 -1 400 400", 270: "0 -1 1 0 0 400"}
        content = f"q {turns[drawn]} cm {text(100, 300, WORDS)} {line(90, 290, 350, 290)} Q"
        raw = load(paper.save(tmp_path / "a.pdf", content, size=(400, 400), Rotate=rotate))
        [found] = lines_of(raw)
        assert found.text == WORDS
        assert found.box.width > found.box.height
        assert found.box == pytest.approx((100, 91.2, 290, 101.2), abs=0.2)
        [rule] = raw.rules
        assert rule == Rule(True, pytest.approx(110), pytest.approx(90), pytest.approx(350), pytest.approx(0.5))
        assert raw.rotation == (drawn - rotate) % 360
        clockwise = (rotate - drawn) % 360
        x, y = raw.to_shown.point(100, 110)
        expected = {0: (100, 110), 90: (290, 100), 180: (300, 290), 270: (110, 300)}[clockwise]
        assert (x, y) == pytest.approx(expected, abs=0.1)

    def test_crop_box_and_user_unit(self, tmp_path: Path) -> None:
        raw = page(tmp_path, text(150, 200, WORDS), CropBox=[100, 50, 400, 250], UserUnit=2)
        [found] = lines_of(raw)
        assert (raw.width, raw.height) == (600, 400)
        assert found.box.x0 == pytest.approx(100)
        assert found.box.height == pytest.approx(20)

    def test_sideways_header_beside_upright_text(self, tmp_path: Path) -> None:
        content = text(100, 200, WORDS) + f"q 0 1 -1 0 60 180 cm {text(0, 0, '备注')} Q"
        found = texts(page(tmp_path, content))
        assert sorted(found) == sorted([WORDS, "备注"])


class TestRules:
    def test_strokes_rectangles_and_closed_paths(self, tmp_path: Path) -> None:
        raw = page(tmp_path, "0.5 w 50 50 200 100 re S 100 50 m 100 150 l S" + text(60, 100, WORDS))
        assert counted(raw) == (2, 3)
        assert {round(r.at) for r in raw.rules if r.horizontal} == {150, 250}

    def test_thin_fills_are_rules_and_shading_is_not(self, tmp_path: Path) -> None:
        shade = "0.8 g " + bar(50, 100, 200, 20) + "0 g "
        raw = page(tmp_path, shade + bar(50, 99.5, 200, 0.8) + bar(50, 120, 200, 2) + text(60, 105, WORDS))
        assert counted(raw) == (2, 0)
        assert max(r.thickness for r in raw.rules) == pytest.approx(2)

    def test_pieces_drawn_cell_by_cell_are_one_rule(self, tmp_path: Path) -> None:
        pieces = "".join(bar(50 + 40 * i, 100, 39.5, 0.5) for i in range(5))
        [rule] = page(tmp_path, pieces + text(60, 105, WORDS)).rules
        assert (rule.start, rule.end) == (pytest.approx(50), pytest.approx(249.5))

    def test_a_missing_piece_leaves_two_rules(self, tmp_path: Path) -> None:
        pieces = "".join(bar(50 + 40 * i, 100, 40, 0.5) for i in (0, 1, 3, 4))
        assert counted(page(tmp_path, pieces + text(60, 105, WORDS))) == (2, 0)

    def test_a_stroke_over_its_fill_is_one_rule(self, tmp_path: Path) -> None:
        both = line(50, 100, 250, 100, 0.1) + bar(50, 100, 200, 0.9)
        assert counted(page(tmp_path, both + text(60, 105, WORDS))) == (1, 0)

    def test_double_rules_stay_two(self, tmp_path: Path) -> None:
        double = line(50, 100, 250, 100) + line(50, 102, 250, 102)
        assert counted(page(tmp_path, double + text(60, 105, WORDS))) == (2, 0)

    def test_dashes_and_dots_are_one_rule(self, tmp_path: Path) -> None:
        dashes = "".join(line(50 + 6 * i, 100, 54 + 6 * i, 100) for i in range(30))
        dots = "".join(bar(60, 110 + 2 * i, 0.7, 0.7) for i in range(30))
        dashed = "[3 2] 0 d " + line(80, 120, 80, 180) + "[] 0 d "
        raw = page(tmp_path, dashes + dots + dashed + text(60, 200, WORDS))
        assert counted(raw) == (1, 2)
        assert max(r.end - r.start for r in raw.rules) == pytest.approx(178, abs=0.6)

    @pytest.mark.parametrize(
        "hidden",
        [
            "1 G " + line(50, 100, 250, 100) + "0 G ",
            "1 g " + bar(50, 100, 200, 0.5) + "0 g ",
            "/Clear gs " + line(50, 100, 250, 100),
            "q 0 0 40 40 re W n " + line(50, 100, 250, 100) + "Q ",
            line(50, 100, 250, 100) + "1 g " + bar(40, 80, 300, 40) + "0 g ",
            "3 w 500 100 m 700 100 l S ",
            "50 100 m 250 100 l n ",
        ],
        ids=["white stroke", "white fill", "transparent", "clipped", "covered", "off the page", "not painted"],
    )
    def test_what_cannot_be_seen_is_no_rule(self, tmp_path: Path, hidden: str) -> None:
        path = paper.save(tmp_path / "a.pdf", hidden + "0 G 0 g " + text(60, 200, WORDS))
        with pikepdf.open(path, allow_overwriting_input=True) as pdf:
            pdf.pages[0].obj.Resources.ExtGState = Dictionary(Clear=Dictionary(CA=0, ca=0))
            pdf.save(path)
        assert load(path).rules == ()

    def test_a_rule_is_cut_by_its_clip_and_by_later_fills(self, tmp_path: Path) -> None:
        content = "q 0 90 150 20 re W n " + line(50, 100, 250, 100) + "Q " + line(50, 150, 250, 150)
        content += "1 g " + bar(200, 140, 100, 20) + "0 g "
        raw = page(tmp_path, content + text(60, 200, WORDS))
        assert sorted((r.start, r.end) for r in raw.rules) == [
            (pytest.approx(50), pytest.approx(150, abs=0.3)), (pytest.approx(50), pytest.approx(200)),
        ]

    def test_a_fill_up_to_a_rule_does_not_hide_it(self, tmp_path: Path) -> None:
        shade = "0.9 g " + bar(50, 100, 200, 30) + "0 g "
        assert counted(page(tmp_path, line(50, 100, 250, 100) + shade + text(60, 105, WORDS))) == (1, 0)

    def test_white_rules_count_on_dark_shading_only(self, tmp_path: Path) -> None:
        white = "1 g " + bar(100, 90, 0.5, 60) + bar(200, 90, 0.5, 60) + "0 g "
        shade = "0.2 0.3 0.6 rg " + bar(50, 80, 250, 80) + "0 g "
        assert counted(page(tmp_path, shade + white + text(60, 200, WORDS))) == (0, 2)
        assert counted(page(tmp_path, white + text(60, 200, WORDS))) == (0, 0)

    def test_dark_ground_between_light_cells(self, tmp_path: Path) -> None:
        """Cell spacing: one black rectangle, white cells on it."""
        ground = bar(50, 50, 201, 101) + "1 g " + "".join(bar(51 + 100 * c, 51 + 50 * r, 99, 49)
                                                           for r in range(2) for c in range(2)) + "0 g "
        assert counted(page(tmp_path, ground + text(60, 60, WORDS[:4]))) == (3, 3)

    def test_forms_bring_their_matrices(self, tmp_path: Path) -> None:
        with pikepdf.open(paper.save(tmp_path / "a.pdf", "")) as pdf:
            inner = pdf.make_stream(b"0.25 w 0 0 m 100 0 l S 0 0 m 0 50 l S")
            inner.Type, inner.Subtype, inner.BBox = Name.XObject, Name.Form, [-1, -1, 101, 51]
            inner.Matrix = [1, 0, 0, 1, 5, 0]
            outer = pdf.make_stream(b"q 1 0 0 1 10 20 cm /In Do Q")
            outer.Type, outer.Subtype, outer.BBox = Name.XObject, Name.Form, [0, 0, 400, 300]
            outer.Resources = Dictionary(XObject=Dictionary(In=pdf.make_indirect(inner)))
            resources = pdf.pages[0].obj.Resources
            resources.XObject = Dictionary(Out=pdf.make_indirect(outer))
            words = paper.text(150, 250, WORDS)
            pdf.pages[0].obj.Contents = pdf.make_stream(f"q 2 0 0 2 30 40 cm /Out Do Q {words}".encode())
            pdf.save(tmp_path / "b.pdf")
        rules = sorted(load(tmp_path / "b.pdf").rules, key=lambda r: r.horizontal)
        assert rules == [
            Rule(False, pytest.approx(60), pytest.approx(120), pytest.approx(220), pytest.approx(0.5)),
            Rule(True, pytest.approx(220), pytest.approx(60), pytest.approx(260), pytest.approx(0.5)),
        ]


def test_text_with_another_text_to_read_stays_on_its_line_in_a_form(tmp_path: Path) -> None:
    """Chromium maps the glyph of 用 to a Kangxi radical and gives 用 as its ActualText; pdfium puts that elsewhere."""
    said = "/Span <</ActualText <FEFF7528>>> BDC" + paper.text(120, 200, "\u2f64") + "EMC"
    with pikepdf.open(paper.save(tmp_path / "a.pdf", "")) as pdf:
        resources = pdf.pages[0].obj.Resources
        words = paper.text(100, 200, "公务") + said + paper.text(130, 200, "车运行费支出预算")
        form = pdf.make_stream(words.encode())
        form.Type, form.Subtype, form.BBox = Name.XObject, Name.Form, [0, 0, 596, 842]
        form.Matrix, form.Resources = [0.5, 0, 0, 0.5, 40, 30], Dictionary(Font=resources.Font)
        resources.XObject = Dictionary(Fx=pdf.make_indirect(form))
        pdf.pages[0].obj.Contents = pdf.make_stream(b"q 2 0 0 2 0 0 cm /Fx Do Q")
        pdf.save(tmp_path / "b.pdf")
    assert [line.text for line in load(tmp_path / "b.pdf").lines] == ["公务用车运行费支出预算"]
