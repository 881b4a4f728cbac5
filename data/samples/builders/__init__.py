"""What the sample workbooks hold (content.py), how their pages look (pages.py), and one module for each kind of list."""
