"""What applying a change does: each rule on small files, with the verdict and who says so."""
