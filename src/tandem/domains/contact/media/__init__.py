"""Files that messages carry: kept here, lent to platforms for as long as these keep them."""
