"""Pure rules on frozen values: no input or output, no clock, no chance. `now` is an argument."""
