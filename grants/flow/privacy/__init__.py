"""Privacy: people see, correct and erase what we hold of them; the accounts stay, and tell of nobody."""
