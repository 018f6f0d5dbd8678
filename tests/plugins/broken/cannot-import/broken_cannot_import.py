"""A plugin that needs what is not installed."""

from a_library_that_nobody_has import everything

grants_policies = everything
