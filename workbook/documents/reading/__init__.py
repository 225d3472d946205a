"""Published reports (Word, web page, PDF, text, other people's workbooks) read back.

    file   ─ document_formats ─► docx_reader, html_reader, pdf_reader, text_reader, sheet_reader ─► blocks
    blocks ─ cut_strips ─► rows ─ label_entries ─► labels with figures ─ row_matching ─► a CellReading for every cell
    blocks ─ document_identity ─► agency and year; ─ narrative_parts ─► the parts written in words

- `document_blocks.py` states what a reader delivers: paragraphs and tables, each with its place.
- Whether a run is struck out, raised or hardly seen is decided in one module for each format: `docx_styles.py`,
  `html_styles.py` (with `css_parser.py`, `css_declarations.py`), `pdf_characters.py`. What is then read from a cell or
  a line, with which further readings, `text_visibility.py` decides for all of them.
- A figure is settled in `row_matching.py`: rows are found by `row_alignment.py`, digits run together are cut by
  `figure_splitting.py`, and `ambiguity_solver.py` leaves the ways that the form's equations leave.
- Headings of the parts are recognised in `narrative_parts.py`, labels of the tables in `form_labels.py`.
- `document_reader.py` is the entry point; what reading showed is stated by `import_findings.py` and `review_page.py`.
"""
