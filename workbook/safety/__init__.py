"""What protects the user's files and machine: limits, atomic writes, untrusted text, started processes."""
