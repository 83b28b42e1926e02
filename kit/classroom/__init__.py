"""The class becomes the experiment: a server for phones, a page for the instructor, one table in the end."""
