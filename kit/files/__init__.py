"""What is read and written: shipped data, tables of strangers, a student's records; whole or not at all."""
