"""A report → a Word document, a web page, a PDF, a long table: walks over the form and the printed geometry."""
