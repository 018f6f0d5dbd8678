"""Files made of grants: open data for the world, tables for a spreadsheet; rows in, bytes out, nothing kept."""
