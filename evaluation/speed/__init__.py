"""How fast the rule engine is: beside other monitors, beside the memory, and on whole matches."""
