"""deadlight: will a cracked spacecraft window survive the return?"""

from importlib.metadata import version as _version

__version__ = _version("deadlight")
