"""What went wrong in a training run: rules that name a failure from its symptoms, and its remedy.

The twins read a model (`diagnose`); the rules here judge what was read, and know no framework.
"""
from aebook.diagnosis.findings import Finding, Findings
from aebook.diagnosis.readings import Layer, Norm, Readings, rows_to_read
from aebook.diagnosis.rules import judge

__all__ = ["Finding", "Findings", "Layer", "Norm", "Readings", "judge", "rows_to_read"]
