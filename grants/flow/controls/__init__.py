"""Controls on staff and payees, never on need: hints, looking back, a register of losses, what trustees chose."""
