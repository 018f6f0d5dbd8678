"""What happens, in order, one file per verb: fund, apply, decide, pay, confirm, learn."""
