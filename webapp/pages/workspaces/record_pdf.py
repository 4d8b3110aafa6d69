"""The record of an end as a PDF: the same bytes for the same record, and no time but the record's own.

Names may be of any alphabet. What the font of the pages does not have is written in Latin letters; the JSON
of the API has every name as it is.
"""

from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, cast

from anyascii import anyascii

from webapp.services.end_answers import Answer, moment
from webapp.services.end_records import End

if TYPE_CHECKING:
    from fpdf import FPDF

FAMILY = "Geist"
MARGIN_MM, LABEL_MM, LINE_MM = 20, 52, 5.5
TITLE_PT, QUESTION_PT, TEXT_PT, NOTE_PT = 18, 12, 9.5, 8
GREY = 95
SECTION_MM = 3.5
"""Of space before a question."""


def pdf_of(end: End, answers: Sequence[Answer]) -> bytes:
    pdf = _empty(end)
    _write_head(pdf, end)
    for answer in answers:
        _write_answer(pdf, answer)
    return bytes(pdf.output())


@cache
def font_path() -> Path:
    """Of the font that the package of the pages' font carries."""
    spec = find_spec("shadcn")
    if spec is None or spec.origin is None:
        raise RuntimeError("the package mkdocs-shadcn, which carries the font Geist, is not installed")
    return Path(spec.origin).parent / "fonts/Geist.woff2"


@cache
def known_letters() -> frozenset[int]:
    """That the font can write."""
    from fontTools.ttLib import TTFont  # noqa: PLC0415

    with TTFont(font_path()) as font:
        return frozenset(font.getBestCmap() or ())


def writable(text: str) -> str:
    """The same in letters that the font has; of what has no Latin letters either, a question mark."""
    known = known_letters()
    written = (one if ord(one) in known else anyascii(one) or "?" for one in text)
    return "".join(one if ord(one) in known else "?" for part in written for one in part)


def _empty(end: End) -> "FPDF":
    # Loaded with the first PDF: it takes a second, and most web servers never write one.
    from fpdf import FPDF  # noqa: PLC0415

    class Pages(FPDF):
        def footer(self) -> None:
            self.set_y(-15)
            self.set_font(FAMILY, size=NOTE_PT)
            self.set_text_color(GREY)
            self.cell(0, 5, f"Desktop {end.record.workspace_id} · page {self.page_no()} of {{nb}}")

    pdf = Pages(format="A4")
    pdf.add_font(FAMILY, fname=font_path())
    pdf.set_margin(MARGIN_MM)
    pdf.set_auto_page_break(True, margin=MARGIN_MM)
    # The newest of its own times: the clock of whoever asks says nothing about the record.
    pdf.set_creation_date(end.costs.closed_at or end.record.made_at)
    pdf.set_title(writable(_title(end)))
    pdf.set_creator("Berth")
    pdf.set_lang("en")
    pdf.add_page()
    return pdf


def _title(end: End) -> str:
    return f"Record of {end.record.person_name}’s desktop"


def _write_head(pdf: "FPDF", end: End) -> None:
    record = end.record
    pdf.set_font(FAMILY, size=TITLE_PT)
    pdf.set_text_color(0)
    pdf.multi_cell(0, 9, writable(_title(end)), align="L", new_x="LMARGIN", new_y="NEXT")
    pdf.set_font(FAMILY, size=NOTE_PT)
    pdf.set_text_color(GREY)
    lines = [f"{record.company_name} · desktop {record.workspace_id} · written {moment(record.made_at)}"]
    if record.is_partial:
        lines.append("Partial: written after the end, from what was still there.")
    for line in lines:
        pdf.multi_cell(0, 4.5, writable(line), align="L", new_x="LMARGIN", new_y="NEXT")


def _write_answer(pdf: "FPDF", answer: Answer) -> None:
    pdf.ln(SECTION_MM)
    if pdf.will_page_break(3 * LINE_MM):
        pdf.add_page()
    pdf.set_font(FAMILY, size=QUESTION_PT)
    pdf.set_text_color(0)
    pdf.multi_cell(0, 7, writable(answer.question), align="L", new_x="LMARGIN", new_y="NEXT")
    pdf.set_font(FAMILY, size=TEXT_PT)
    for fact in answer.facts:
        _write_fact(pdf, writable(fact.label), writable(fact.value))


def _write_fact(pdf: "FPDF", label: str, value: str) -> None:
    """Label and value side by side, each as high as it needs, and both on one page."""
    width = pdf.epw - LABEL_MM
    rows = max(_lines(pdf, LABEL_MM, label), _lines(pdf, width, value))
    if pdf.will_page_break(rows * LINE_MM):
        pdf.add_page()
    top = pdf.get_y()
    pdf.set_text_color(GREY)
    pdf.multi_cell(LABEL_MM, LINE_MM, label, align="L", new_x="RIGHT", new_y="TOP")
    pdf.set_text_color(0)
    pdf.set_xy(MARGIN_MM + LABEL_MM, top)
    pdf.multi_cell(width, LINE_MM, value, align="L", new_x="LMARGIN", new_y="NEXT")
    pdf.set_xy(MARGIN_MM, top + rows * LINE_MM)


def _lines(pdf: "FPDF", width_mm: float, text: str) -> int:
    """How many it takes."""
    lines = pdf.multi_cell(width_mm, LINE_MM, text, align="L", dry_run=True, output="LINES")
    return len(cast("list[str]", lines))
