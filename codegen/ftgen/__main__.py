# SPDX-License-Identifier: Apache-2.0
"""`python3 -m ftgen`; see cli.py."""
import sys

from ftgen.cli import main

sys.exit(main())
