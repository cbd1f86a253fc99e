"""Forms in a style as one HTML document, and its printing by headless Chromium."""

from __future__ import annotations

import html
import os
import random
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.form import Form, Mark, Placed
from bench.style import Style

NARROW_COLUMNS = 11  # tables wider than this are printed small
PRINT_SECONDS = 120


class PrintingFailed(RuntimeError):
    """Chromium is missing, failed or wrote no file."""


@dataclass(frozen=True, slots=True)
class Prose:
    """A page of running text: a heading and paragraphs. kind: duties, contents or cover."""

    kind: str
    heading: str
    paragraphs: tuple[str, ...]


Item = Form | Prose


def margin_boxes(style: Style, org: str, year: int) -> str:
    """Running head and page number, set in the page's margins."""
    boxes = []
    if style.running_head:
        text = style.running_head.format(org=org, year=year)
        boxes.append(f"@top-center{{content:'{text}';font-size:{style.size * 0.9:.1f}pt}}")
    if style.page_number:
        parts = style.page_number.replace("{n}", "\0counter(page)\0").replace("{of}", "\0counter(pages)\0").split("\0")
        content = " ".join(part if part.startswith("counter(") else f"'{part}'" for part in parts if part)
        boxes.append(f"@bottom-center{{content:{content};font-size:{style.size * 0.9:.1f}pt}}")
    return "".join(boxes)


def css(style: Style, org: str, year: int) -> str:
    """The style sheet. Long: it is one sheet."""
    fonts = f"'{style.figures}','{style.font}'" if style.figures else f"'{style.font}'"
    title_look = "text-decoration:underline;" if style.title_underline else ""
    title_look += "letter-spacing:0.15em;" if style.spaced_title else ""
    doubled = style.line == "double"  # the frame only: double inner rules are not seen in the wild
    line, weight = ("double", 2.25) if doubled else ("solid", style.outer)
    inner = "solid" if doubled else style.line
    closed = style.sides and style.vertical
    frame = f"border:{weight:.2f}pt {line} {style.colour};" + ("" if closed else "border-left:none;border-right:none;")
    edges = "" if closed else "td.first{border-left:none!important}td.last{border-right:none!important}"
    sides = "" if style.vertical else "border-left:none;border-right:none;"
    if not style.horizontal:
        frame, sides = "border:none;", "border:none;"
    page = f"margin:{style.margin:.0f}mm;{margin_boxes(style, org, year)}"
    # Wider tables would run off the page if no number could break.
    numbers = "" if style.wrapped_numbers else "section:not(.dense) td.n{white-space:nowrap}"
    vertical, horizontal = style.padding
    return f"""*{{box-sizing:border-box}}body{{font-family:{fonts};font-size:{style.size:.2f}pt;margin:0}}
h2{{font-family:'{style.title_font}';text-align:center;font-size:{style.size * style.title_scale:.2f}pt;margin:1.5mm 0;
{title_look}}}
.tag{{text-align:{style.tag_side}}}.line{{display:grid;grid-template-columns:1fr auto 1fr;margin:0.6mm 0}}
.line span:nth-child(2){{text-align:center}}.line span:nth-child(3){{text-align:right}}
section.form{{{"" if style.together else "break-after:page;"}margin-bottom:6mm}}section.prose{{break-after:page}}
table{{border-collapse:collapse;width:{style.table_width}%;margin:0 auto;{frame}}}
tr{{break-inside:{"auto" if style.cut else "avoid"}}}
td{{border:{style.rule:.2f}pt {inner} {style.colour};{sides}padding:{vertical:.1f}px {horizontal:.1f}px;
height:{style.size * style.height:.1f}pt;vertical-align:{"middle" if style.middle else "top"};overflow-wrap:anywhere}}
{edges}td.h{{text-align:{style.label_align}}}td.n{{text-align:{style.number_align}}}td.t{{text-align:left}}
td.head{{text-align:center;background:{style.shade};{"font-weight:bold;" if style.bold_heads else ""}}}
{"tbody tr:nth-child(even) td{background:#f4f4f4}" if style.zebra else ""}
{numbers}
td.over{{border-style:hidden hidden none hidden!important;background:none;padding:0;height:auto}}
.dense td{{padding:0.4px 1.5px;font-size:{min(style.size, 7.6):.1f}pt}}
p.note{{margin:1mm 0}}.prose p{{text-indent:2em;line-height:1.9;margin:0}}.prose.contents p{{text-indent:0}}
@page wide{{size:A4 landscape;{page}}}@page tall{{size:A4;{page}}}
.landscape{{page:wide}}.portrait{{page:tall}}"""


def cell_html(form: Form, placed: Placed, style: Style) -> str:
    mark: Mark = placed.mark
    classes: list[str] = [mark.cls]
    classes += ["head"] if mark.header else []
    classes += ["first"] if placed.col == 0 else []
    classes += ["last"] if placed.col + mark.col_span == form.n_cols else []
    align = f"text-align:{mark.align};" if mark.align else ""
    look = f' style="{align}{"font-weight:bold" if mark.bold else ""}"' if align or mark.bold else ""
    text = html.escape(mark.text).replace("\n", "<br>")
    return (
        f'<td class="{" ".join(classes)}" rowspan="{mark.row_span}" colspan="{mark.col_span}"{look}>'
        f"{'　' * mark.indent}{text}</td>"
    )


def over_html(form: Form) -> str:
    """Title and the lines between it and the table."""
    parts = [f'<div class="tag">{html.escape(form.tag)}</div>'] if form.tag else []
    parts.append(f"<h2>{html.escape(form.title)}</h2>")
    for line in form.above:
        parts.append('<div class="line">' + "".join(f"<span>{html.escape(text)}</span>" for text in line) + "</div>")
    return "".join(parts)


def form_html(form: Form, style: Style) -> str:
    rows: list[list[str]] = [[] for _ in range(form.n_rows)]
    for placed in form.cells:
        rows[placed.row].append(cell_html(form, placed, style))
    lines = [f"<tr>{''.join(row)}</tr>" for row in rows]
    repeated = form.header_rows if style.repeat != "nothing" and form.header_rows < form.n_rows else 0
    over = over_html(form)
    headed = "".join(lines[:repeated])
    if style.repeat == "titled" and repeated:
        headed = f'<tr><td class="over" colspan="{form.n_cols}">{over}</td></tr>' + headed
        over = ""
    total = sum(form.widths)
    # A browser left to itself gives no width to a column without a cell of its own: two borders would be one.
    owned = {placed.col for placed in form.cells if placed.mark.col_span == 1}
    free = style.even_columns and len(owned) == form.n_cols
    columns = "" if free else "".join(f'<col style="width:{100 * w / total:.2f}%">' for w in form.widths)
    thead = f"<thead>{headed}</thead>" if headed else ""
    notes = "".join(f'<p class="note">{html.escape(note)}</p>' for note in form.notes)
    classes = f"form {'landscape' if form.landscape else 'portrait'}{' dense' if form.n_cols > NARROW_COLUMNS else ''}"
    return (
        f'<section class="{classes}">{over}<table><colgroup>{columns}</colgroup>{thead}'
        f"<tbody>{''.join(lines[repeated:])}</tbody></table>{notes}</section>"
    )


def prose_html(prose: Prose) -> str:
    body = "".join(f"<p>{html.escape(text)}</p>" for text in prose.paragraphs)
    return f'<section class="prose {prose.kind} portrait"><h2>{html.escape(prose.heading)}</h2>{body}</section>'


def document_html(items: Sequence[Item], style: Style, *, org: str, year: int) -> str:
    body = "".join(form_html(item, style) if isinstance(item, Form) else prose_html(item) for item in items)
    look = f'<meta charset="utf-8"><style>{css(style, org, year)}</style>'
    return f'<!doctype html><html lang="zh">{look}<body>{body}</body></html>'


def chromium() -> str | None:
    """The browser's command, or None where none is installed."""
    for name in ("chromium", "chromium-browser", "google-chrome", "chrome"):
        if found := shutil.which(name):
            return found
    return None


def print_pdf(source: str, target: Path) -> None:
    """Print HTML to a PDF. Raises PrintingFailed."""
    browser = chromium()
    if browser is None:
        raise PrintingFailed("chromium is not installed")
    with tempfile.TemporaryDirectory() as tmp:
        page = Path(tmp, "page.html")
        page.write_text(source, "utf8")
        # A fresh profile each time: runs do not share state, and no first-run network traffic starts.
        command = [
            browser,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            f"--user-data-dir={tmp}/profile",
            "--no-pdf-header-footer",
            f"--print-to-pdf={target}",
            str(page),
        ]
        try:
            subprocess.run(
                command,
                check=True,
                timeout=PRINT_SECONDS,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={**os.environ, "LANG": "C.UTF-8"},
            )
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
            raise PrintingFailed(f"chromium failed: {error}") from error
    if not target.exists():
        raise PrintingFailed("chromium wrote no file")


def draw_prose(rng: random.Random, org: str, year: int, duties: Sequence[str], titles: Sequence[str]) -> Prose:
    kind = rng.choice(("duties", "duties", "contents", "cover"))
    if kind == "cover":
        return Prose("cover", f"{org}{year}年部门预算", ("", "", f"{org}", f"{year}年{rng.randint(1, 3)}月"))
    if kind == "contents":
        lines = [f"{title}{'…' * rng.randint(10, 22)}{page}" for page, title in enumerate(titles, 1)]
        return Prose(
            "contents",
            "目\u3000录",
            ("第一部分 部门概况", *duties[:2], "第二部分 部门预算表", *lines, "第三部分 名词解释"),
        )
    heads = ("一、部门职责", "二、机构设置", "三、预算收支增减变化情况说明", "四、机关运行经费安排情况说明")
    picked = [f"{i}.{duty}。" for i, duty in enumerate(rng.choices(duties, k=rng.randint(4, 12)), 1)]
    return Prose("duties", rng.choice(heads), tuple(picked))
