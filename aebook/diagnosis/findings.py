"""What a diagnosis says: failures by name, and what was measured."""
from dataclasses import dataclass
from textwrap import fill

__all__ = ["Finding", "Findings"]


@dataclass(frozen=True)
class Finding:
    """A failure that was recognized.

    Attributes
    ----------
    name : str
        What it is called, such as "dead units".
    symptom : str
        A sentence with the numbers by which it was recognized.
    remedy : str
        What to try first.

    Examples
    --------
    >>> print(Finding("dead units", "All 3 are off.", "A smaller learning rate."))
    dead units: All 3 are off.
        Remedy: A smaller learning rate.
    """

    name: str
    symptom: str
    remedy: str

    def __str__(self):
        told = f"{self.name}: {self.symptom}", f"    Remedy: {self.remedy}"
        return "\n".join(fill(part, 78, subsequent_indent="    ") for part in told)


class Findings(list):
    """A list of findings, empty for a healthy run, with the numbers that were read.

    Parameters
    ----------
    findings : iterable of Finding
    numbers : dict of str to float
        What was measured.
    left_out : dict of str to str
        Checks that could not be made, each with the reason.

    Examples
    --------
    >>> print(Findings(left_out={"overfitting": "no validation loss"}))
    No finding.
    Not checked: overfitting (no validation loss).
    """

    def __init__(self, findings=(), numbers=None, left_out=None):
        super().__init__(findings)
        self.numbers, self.left_out = dict(numbers or {}), dict(left_out or {})

    @property
    def names(self):
        """The names of the findings."""
        return [finding.name for finding in self]

    def __str__(self):
        lines = [str(finding) for finding in self] or ["No finding."]
        if self.left_out:
            named = ", ".join(f"{name} ({why})" for name, why in self.left_out.items())
            lines.append(fill(f"Not checked: {named}.", 78, subsequent_indent="    "))
        return "\n".join(lines)
