"""Say what is wrong with an installation, and the command that mends it.

``python -m scalinglib.doctor`` needs nothing but Python itself: it tells of libraries
that are missing, too old or broken, of a second copy of the package, of files that were
damaged, and of a kernel that runs notebooks in another Python. It changes nothing.
"""

from scalinglib.doctor.findings import Finding as Finding
from scalinglib.doctor.visit import examine as examine
from scalinglib.doctor.visit import main as main
