"""The verb `pick-trial`: how often the planner of examples/pick_by_name picks what was asked."""
