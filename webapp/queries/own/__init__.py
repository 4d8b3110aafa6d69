"""What is a person's own: the file of their data, their sessions."""
