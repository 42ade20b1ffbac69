"""The fault: the service says for ever that it is an older version than the deployed one."""

import os

os.environ["SHOP_VERSION"] = "0.0.9"
