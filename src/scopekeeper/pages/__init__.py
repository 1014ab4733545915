"""What every page for people shares: who came, in which language, whose form it is, and how a page is written."""
