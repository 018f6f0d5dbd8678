"""Ways money travels: by Stripe, by a file for the bank, and by hand."""
