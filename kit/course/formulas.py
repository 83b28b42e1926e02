"""Markdown whose formulas are MathML, which browsers draw and read aloud without a script."""

from latex2mathml.converter import convert
from nbconvert.filters.markdown_mistune import IPythonRenderer


class Formulas(IPythonRenderer):
    """A renderer for `MarkdownWithMath`; a formula that is none raises the converter's error."""

    def mathml(self, body: str, display: str) -> str:
        return convert(body, display=display)

    def block_math(self, body: str) -> str:
        return f'<div class="formula">{self.mathml(body, "block")}</div>'

    def inline_math(self, body: str) -> str:
        return self.mathml(body, "inline")

    def latex_environment(self, name: str, body: str) -> str:
        return self.block_math(f"\\begin{{{name}}}{body}\\end{{{name}}}")
