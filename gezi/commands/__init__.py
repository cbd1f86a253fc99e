"""What each command of `gezi` does; imported only when it runs."""
