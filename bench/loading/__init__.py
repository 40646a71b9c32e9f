"""Many people at one server at the same time: their world, their questions, and a bare view for comparison."""
