"""Where the student's records are kept: see `kit.records`."""

from kit.records import Records, spoken, student_folder

__all__ = ["Records", "spoken", "student_folder"]
