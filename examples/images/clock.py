"""Says what time it is, once a minute."""

import sys
import time

if __name__ == "__main__":
    while True:
        sys.stdout.write(time.strftime("%H:%M\n", time.gmtime()))
        sys.stdout.flush()
        time.sleep(60)
