"""Ways money travels: by Stripe, and by hand."""
