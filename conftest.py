"""For the tests and for the kernels that nbval starts: the settings that execute.py uses too."""
import environment

environment.fix()
