# Run this first. It looks for the package of the course, and installs what is missing.
def find_scalinglib():
    """Install scalinglib from the wheel beside, and what it needs and is not there."""
    import importlib
    import re
    import subprocess
    import sys
    from importlib import metadata, util
    from pathlib import Path

    def missing(name):
        try:
            return not metadata.version(name)
        except metadata.PackageNotFoundError:
            return True

    def install(*what):
        pip = [sys.executable, "-m", "pip", "install", "--quiet"]
        subprocess.run([*pip, *what], check=True)
        importlib.invalidate_caches()

    if util.find_spec("scalinglib"):
        return "scalinglib is there."
    wheels = [w for place in (".", "..") for w in Path(place).glob("scalinglib-*.whl")]
    if not wheels:
        raise ModuleNotFoundError("put scalinglib-….whl beside this notebook")
    install("--no-deps", str(wheels[-1]))
    # "name>=1.0" and the like; what an extra asks for is left to the reader.
    needs = [r for r in metadata.requires("scalinglib") if "extra ==" not in r]
    needs = [r for r in needs if missing(re.match(r"[\w.-]+", r)[0])]
    if needs:  # what is there keeps its version: a conflict is an error, no upgrade
        kept = [name for name in ("numpy", "torch") if not missing(name)]
        install(*needs, *(f"{name}=={metadata.version(name)}" for name in kept))
    said = f"Installed {wheels[-1].name}" + "".join(f", {r}" for r in needs)
    return f"{said}; torch is for you to install." if missing("torch") else f"{said}."


print(find_scalinglib())
