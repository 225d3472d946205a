"""The merge as one web page that needs nothing but itself: for an office to read, print and pass on."""
