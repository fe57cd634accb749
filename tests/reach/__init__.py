"""The proof of `impact`: change one value or template line, render again, and see which lines differ."""
