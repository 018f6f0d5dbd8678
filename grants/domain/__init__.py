"""What is true of grants anywhere: pure rules and values, standard library only."""
