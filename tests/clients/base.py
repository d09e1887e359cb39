"""The addresses of one simulated 1C base, as `obmen sim onec` prints them."""
from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Base:
    odata_url: str
    user: str
    password: str
