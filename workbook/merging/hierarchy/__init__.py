"""Roll-up by the tree of the roster: township, county, city, province."""
