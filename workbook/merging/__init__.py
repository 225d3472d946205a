"""Many reports into one: files gathered, agencies told apart, figures summed, and the workbook that shows it all."""
