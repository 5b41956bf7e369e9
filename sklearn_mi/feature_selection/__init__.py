"""Which columns to keep, by the information that they hold together."""

from ._select_by_mutual_info import SelectByMutualInfo

__all__ = ["SelectByMutualInfo"]
