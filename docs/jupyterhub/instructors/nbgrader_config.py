"""Instructors: the course's folder, with the settings that it has (assignments/nbgrader_config.py)."""

import os
from pathlib import Path

c = get_config()  # noqa: F821 (nbgrader gives it)
course = Path("~/course").expanduser()  # formgrader wants it below the account's home
if (course / "nbgrader_config.py").exists():
    load_subconfig(str(course / "nbgrader_config.py"))  # noqa: F821
c.CourseDirectory.root = str(course)
c.CourseDirectory.course_id = "shared_features"
c.Exchange.root = os.environ["KIT_EXCHANGE"]
