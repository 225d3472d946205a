"""The roster (名录): who must report, to whom, by when; read, written, drafted."""
