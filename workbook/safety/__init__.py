"""What every part of the program relies on to be safe and clear towards its user."""
