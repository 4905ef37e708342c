"""WHERE: the city files, one folder a city, one YAML a department, and their typed reader."""

from cities.clock import now
from cities.errors import CityError, SettingError, Unusable
from cities.home import home, secret_key
from cities.model import City, Department
from cities.reader import read_city
from cities.systems import Feed
from cities.terms import FieldMap

__all__ = [
    "City",
    "CityError",
    "Department",
    "Feed",
    "FieldMap",
    "SettingError",
    "Unusable",
    "home",
    "now",
    "read_city",
    "secret_key",
]
