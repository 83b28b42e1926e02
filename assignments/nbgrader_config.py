"""nbgrader's settings for this course; every nbgrader command that runs in this folder reads them."""

from pathlib import Path

c = get_config()  # noqa: F821 (nbgrader gives it)

# Always stated: the settings of a user's home folder would win otherwise.
c.CourseDirectory.root = str(Path(__file__).resolve().parent)
c.CourseDirectory.course_id = "shared_features"

# Students' code runs in a sandbox, test cells outside of it, also when formgrader's "Autograde" is pressed.
# `python -m kit grade` does the same for many hand-ins at a time.
c.Autograde.exporter_class = "kit.course.steps.ReadHandIn"
c.Autograde.sanitize_preprocessors = [
    "kit.course.steps.RestoreCells",
    "nbgrader.preprocessors.ClearOutput",
    "nbgrader.preprocessors.DeduplicateIds",
    "nbgrader.preprocessors.OverwriteKernelspec",
    "nbgrader.preprocessors.OverwriteCells",
    "nbgrader.preprocessors.CheckCellMetadata",
]
c.Autograde.autograde_preprocessors = [
    "kit.course.steps.ExecuteApart",
    "nbgrader.preprocessors.LimitOutput",
    "nbgrader.preprocessors.SaveAutoGrades",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
]
c.Execute.timeout = 60
c.Execute.store_widget_state = False  # it would make each notebook megabytes long
c.OverwriteCells.add_missing_cells = True
c.KernelManager.transport_encryption = "auto"

# The model answer of a text that a person grades stands in a plain cell (tests/support/assignment_source.py says why).
c.ClearSolutions.enforce_metadata = False

# Feedback names exercises, says what waits for a person, and draws formulas offline; without the text of hidden tests
# and mark schemes. (What they print holds no data: kit.teaching.grading.)
c.GenerateFeedback.exporter_class = "kit.course.feedback.Page"
c.GenerateFeedback.preprocessors = [
    "kit.course.feedback.Points",
    "nbgrader.preprocessors.ClearHiddenTests",
    "nbgrader.preprocessors.ClearMarkScheme",
    "nbconvert.preprocessors.CSSHTMLHeaderPreprocessor",
]

# The clock by which your platform dates hand-ins, for `python -m kit collect` and `grades` (default: this machine's).
# c.Collect.zone = "Europe/Berlin"

# nbgrader zip_collect skips every file without this; `python -m kit collect` knows more forms of names.
c.FileNameCollectorPlugin.named_regexp = r".*?(?P<student_id>[^_/\\]+)_.*?(?P<file_name>[^/\\]+)$"
