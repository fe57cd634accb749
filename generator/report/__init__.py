"""Format results as text, data and HTML, without printing or writing anything."""
