from __future__ import annotations

from extractor.elements import Box, Char, TextLine
from extractor.text.reading import plausible

BOX = Box(0, 0, 100, 20)


def line(*chars: tuple[str, float, str, float]) -> TextLine:
    made = tuple(Char(t, p, 0.0, r, rp) for t, p, r, rp in chars)
    return TextLine("".join(c.text for c in made), BOX, made)


def sure(text: str) -> list[tuple[str, float, str, float]]:
    return [(c, 0.999, "", 0.0) for c in text]


def test_a_colon_in_a_number_is_its_point() -> None:
    out = plausible(line(*sure("871"), (":", 0.8, ".", 0.193), *sure("07")))
    assert out.text == "871.07"
    assert 0.9 < out.chars[3].p < 1.0


def test_letters_in_numbers_become_digits_only_where_the_reader_held_them_possible() -> None:
    assert plausible(line(("3", 0.99, "", 0), ("Q", 0.6, "0", 0.35), *sure("216"))).text == "30216"
    assert plausible(line(("3", 0.99, "", 0), ("Q", 0.999, "8", 0.0005), *sure("216"))).text == "3Q216"
    assert plausible(line(("O", 0.51, "0", 0.485))).text == "0"


def test_a_comma_before_cents_is_a_point() -> None:
    assert plausible(line(*sure("63450000"), (",", 0.6, ".", 0.38), *sure("00"))).text == "63450000.00"
    assert plausible(line(*sure("1"), (",", 0.9, ".", 0.09), *sure("728.90"))).text == "1,728.90"
    assert plausible(line(*sure("12"), (",", 0.99, ".", 0.001), *sure("50"))).text == "12,50"


def test_times_and_words_stay() -> None:
    assert plausible(line(*sure("12"), (":", 0.99, ".", 0.005), *sure("30"))).text == "12:30"
    assert plausible(line(*sure("A4"), ("O", 0.6, "0", 0.3))).text == "A4O"


def test_a_dash_before_a_rank_is_one() -> None:
    assert plausible(line(("-", 0.99, "—", 0.005), ("-", 0.97, "", 0.027), *sure("级指标"))).text == "一级指标"
    assert plausible(line(("一", 0.57, "-", 0.3), ("-", 0.82, "", 0.15), *sure("级"))).text == "一级"
    assert plausible(line(*sure("进"), ("-", 0.94, "一", 0.05), *sure("步提升"))).text == "进一步提升"
    assert plausible(line(*sure("2019-2021年"))).text == "2019-2021年"
    assert plausible(line(*sure("-12.5"))).text == "-12.5"


def test_what_was_put_in_place_of_a_dash_is_never_sure() -> None:
    out = plausible(line(("-", 0.9, "一", 0.05), *sure("级")))
    assert out.chars[0].p <= 0.9


def test_an_amount_has_one_point() -> None:
    out = plausible(line(*sure("2"), (".", 0.98, ",", 0.01), *sure("549.18")))
    assert out.text == "2,549.18"
    assert out.chars[1].p <= 0.9
    assert plausible(line(*sure("1.2.3"))).text == "1.2.3"
    assert plausible(line(*sure("2020.12.31"))).text == "2020.12.31"


def test_a_speck_after_an_amount_is_no_point() -> None:
    out = plausible(line(*sure("200.00"), (".", 0.7, "", 0.3)))
    assert out.text == "200.00"
    assert out.p < 0.95
    assert plausible(line(*sure("3."))).text == "3."
    assert plausible(line(*sure("1.1.2."))).text == "1.1.2."


def test_no_hour_is_the_sixty_fourth() -> None:
    assert plausible(line(*sure("64"), (":", 0.97, ".", 0.025), *sure("00"))).text == "64.00"


def test_two_dashes_in_brackets_are_the_pieces_of_one() -> None:
    assert plausible(line(*sure("（--）上级补助收入"))).text == "（一）上级补助收入"
    assert plausible(line(*sure("增(+)减(-)"))).text == "增(+)减(-)"


def test_a_text_that_begins_with_a_comma_is_not_believed() -> None:
    assert plausible(line(*sure("、其他自有资金"))).p < 0.5
    assert plausible(line(*sure("一、其他自有资金"))).p > 0.9


def test_a_dot_after_an_items_numeral_is_its_comma() -> None:
    assert plausible(line(*sure("四·公共安全支出"))).text == "四、公共安全支出"
    assert plausible(line(*sure("阿里·买买提"))).text == "阿里·买买提"


def test_a_share_of_which_the_percent_sign_was_read_as_digits() -> None:
    out = plausible(line(*sure("≥7096")))
    assert out.text == "≥70%"
    assert out.chars[-1].p < 0.95
    assert plausible(line(*sure("≥99.506"))).text == "≥99.5%"
    for text in ("7096", "≥1096", "≥796", "≥7095", "≥70%", "(96)"):
        assert plausible(line(*sure(text))).text == text


def test_after_thousands_parted_by_commas_a_comma_before_cents_can_only_be_a_point() -> None:
    out = plausible(line(*sure("1,907"), (",", 0.984, ".", 0.015), *sure("03")))
    assert out.text == "1,907.03"
    assert out.chars[-3].p < 0.95
    assert plausible(line(*sure("1,907,035"))).text == "1,907,035"
    assert plausible(line(*sure("12,15"))).text == "12,15"


def test_a_stroke_between_a_name_and_its_rank_is_a_dash() -> None:
    assert plausible(line(*sure("监管系统建设（二期）一本级"))).text == "监管系统建设（二期）—本级"
    assert plausible(line(*sure("安全隐患排查一本级"))).text == "安全隐患排查—本级"
    for text in ("统一本级预算", "一本级"):
        assert plausible(line(*sure(text))).text == text


def test_a_bound_whose_lower_stroke_is_blurred_is_the_usual_one() -> None:
    out = plausible(line((">", 0.85, "≥", 0.11), *sure("90%")))
    assert (out.text, out.chars[0].runner_up) == ("≥90%", ">")
    assert 0.7 < out.chars[0].p <= 0.9
    assert plausible(line(("<", 0.6, "≦", 0.3), *sure("10%"))).text == "≤10%"
    assert plausible(line((">", 0.999, "≥", 0.0005), *sure("20000份"))).text == ">20000份"
    assert plausible(line((">", 0.6, "≥", 0.3), *sure("其他"))).text == ">其他"


def test_a_dot_at_half_height_is_a_numbers_point() -> None:
    for read, meant in (("0·00", "0.00"), ("1,254,323·87", "1,254,323.87"), ("18914·", "18914."), ("8•5%", "8.5%")):
        assert plausible(line(*sure(read))).text == meant
    for text in ("·", "阿里·买买提", "1·2·3", "2019·预算"):
        assert plausible(line(*sure(text))).text == text


def test_a_years_mixed_brackets_are_a_pair() -> None:
    assert plausible(line(*sure("冀财社〔2017]12号"))).text == "冀财社〔2017〕12号"
    assert plausible(line(*sure("鄂财预[2018〕3号"))).text == "鄂财预〔2018〕3号"
    for text in ("冀财社[2017]12号", "（2017）", "〔2017年]", "〔1234]"):
        assert plausible(line(*sure(text))).text == text


def test_a_speck_between_a_count_and_its_unit_is_no_point() -> None:
    for read, meant in (("90.万元", "90万元"), ("2021.年决算数", "2021年决算数"),
                          ("（截止2025.年）", "（截止2025年）"), (">20000.份", ">20000份")):
        out = plausible(line(*sure(read)))
        assert out.text == meant
        assert out.p < 0.95
    for text in ("1.年度目标", "1.人员经费", "3.5万元", "12.件数", "2021.12.30"):
        assert plausible(line(*sure(text))).text == text


def test_nothing_is_below_none_and_no_share_above_the_whole() -> None:
    for read, meant in (("<0起", "≤0起"), (">100%", "≥100%")):
        out = plausible(line((read[0], 0.995, "", 0.001), *sure(read[1:])))
        assert out.text == meant
        assert out.p <= 0.9
    assert plausible(line(("<", 0.995, "", 0.001), *sure("0.5%"))).text == "<0.5%"
