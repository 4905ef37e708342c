"""City views that managers open: each declared once, in a file named after its mart, with the SQL that fills it."""

from reports.city_views.declared import VIEWS, DeclaredView, ViewError, read_declared_views
from reports.city_views.filled import headline_words, view_page
from reports.city_views.sql import needed_marts, questions

__all__ = [
    "VIEWS",
    "DeclaredView",
    "ViewError",
    "headline_words",
    "needed_marts",
    "questions",
    "read_declared_views",
    "view_page",
]
