"""What the product speaks of: the form, a report, a finding, an agency, a number."""
