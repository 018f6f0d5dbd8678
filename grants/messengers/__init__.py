"""Ways words travel: e-mail over SMTP; letters are printed from a page."""
