"""Compares the surfaces that the surface programs of js, python and go printed, with docs/reference/surface.md.

    surface.py FOLDER [--update]

Fails where that page is stale, or where a difference has no reason in reasons.json; --update writes the page.
"""

import json
import re
import sys
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[2]
TOOLS = Path(__file__).parent
PAGE = ROOT / "docs/reference/surface.md"
REASONS = json.loads((TOOLS / "reasons.json").read_text(encoding="utf-8"))
LANGUAGES = {"js": "JavaScript", "python": "Python", "go": "Go"}

# The first that matches a name, whatever its language's spelling, is the part that it belongs to.
CAPABILITIES = {
    "Groups": "group",
    "Environments": "environment|getvariables",
    "Sharing": "share|recipient|allowedtype",
    "Files": r"files|itemfile|^(types \(module\)\.)?file|document",
    "Secrets": "secretreference|resolve|secrets|password|separatortype|wordlist",
    "Items": "items|itemfield|itemcategory|itemlist|itemoverview|itemsection|itemstate|itemupdate|itemcreate|"
    r"^item\b|website|autofill|address|otp|sshkey",
    "Vaults": "vault",
    "Errors": "error|exception|^err[A-Z]",
    "Clients": "",
}

Surface = dict[str, str]


class Difference(NamedTuple):
    official: str
    opwire: str
    reason: str


class Comparison:
    """One language's packages."""

    def __init__(self, language: str, official: Surface, opwire: Surface) -> None:
        self.language, self.official, self.opwire = language, official, opwire
        both = official.keys() & opwire.keys()
        self.equal = sum(official[name] == opwire[name] for name in both)
        self.different = [name for name in official if name in both and official[name] != opwire[name]]
        self.missing = whole(official, official.keys() - both)
        self.added = whole(opwire, opwire.keys() - both)


def main(folder: str, *options: str) -> None:
    comparisons = list(compare(Path(folder)))
    reasons = find_reasons(comparisons)
    page = "\n".join(write_page(comparisons, reasons)) + "\n"
    if "--update" in options:
        PAGE.write_text(page, encoding="utf-8")
    for each in comparisons:
        print(
            f"{each.language}: {each.equal} names are the same, {len(each.different)} differ for a reason, "
            f"{len(each.missing)} are missing, {len(each.added)} added"
        )
    if not PAGE.exists() or PAGE.read_text(encoding="utf-8") != page:
        sys.exit("interop: docs/reference/surface.md is stale; run ci/interop/run --update and look at what changed")


def compare(folder: Path) -> Iterator[Comparison]:
    def read(name: str) -> Any:
        return json.loads((folder / f"surface-{name}.json").read_text(encoding="utf-8"))

    for language in LANGUAGES:
        if language == "python":
            yield Comparison(language, read("python-official"), read("python-opwire"))
        else:
            yield Comparison(language, **read(language))


def whole(surface: Surface, names: set[str]) -> list[str]:
    """Those names that do not belong to another of them."""

    def belongs(name: str) -> bool:
        owner, _, member = name.rpartition(".")
        in_module = owner.endswith("(module)") and member in names
        constant = re.match(r"const (\w+) = ", surface[name])
        constructor = re.match(r"New(\w+?)TypeVariant", name)
        of_type = [match[1] for match in (constant, constructor) if match]
        return owner in names or in_module or any(each in names for each in of_type)

    return [name for name in surface if name in names and not belongs(name)]


def find_reasons(comparisons: list[Comparison]) -> dict[tuple[str, str], str]:
    found = {}
    failures = []
    used: set[tuple[int, str]] = set()
    for each in comparisons:
        for name in each.different:
            matching = [number for number, reason in enumerate(REASONS) if explains(reason, each, name)]
            used.update((number, each.language) for number in matching)
            if matching:
                found[each.language, name] = REASONS[matching[0]]["reason"]
            else:
                failures.append(
                    f"{each.language}: {name}\n  official: {each.official[name]}\n  opwire:   {each.opwire[name]}"
                )
    for number, reason in enumerate(REASONS):
        for language in reason["languages"]:
            if (number, language) not in used:
                failures.append(f"needless reason, {language}: {reason['names']}")
    if failures:
        print("\n".join(failures))
        sys.exit("interop: mend these differences, or say why in ci/interop/reasons.json")
    return found


def explains(reason: dict[str, Any], comparison: Comparison, name: str) -> bool:
    return (
        comparison.language in reason["languages"]
        and any(fnmatchcase(name, pattern) for pattern in reason["names"])
        and comparison.official[name] == reason.get("official", comparison.official[name])
    )


def write_page(comparisons: list[Comparison], reasons: dict[tuple[str, str], str]) -> Iterator[str]:
    yield "# The surface beside the official SDKs"
    yield ""
    yield "Written by `ci/interop/run --update` from the packages themselves; not to be edited. `ci/interop/run` fails when"
    yield "it is stale, and on a difference that `ci/interop/reasons.json` gives no reason for. Members of a type that is"
    yield "missing or added are not listed, nor is what programs cannot name, such as types of internal packages."
    yield ""
    yield "| language | compared with | the same | different | missing | added |"
    yield "|---|---|---|---|---|---|"
    for each in comparisons:
        counts = (each.equal, len(each.different), len(each.missing), len(each.added))
        yield f"| {LANGUAGES[each.language]} | {package(each.language)} | {' | '.join(map(str, counts))} |"
    for capability in CAPABILITIES:
        yield from write_capability(capability, comparisons, reasons)


def package(language: str) -> str:
    if language == "js":
        dependencies = json.loads((TOOLS / "js/package.json").read_text(encoding="utf-8"))["dependencies"]
        return f"`@1password/sdk` {dependencies['@1password/sdk']}"
    name, file, separator = {
        "python": ("onepassword-sdk", "python/requirements.txt", "=="),
        "go": ("github.com/1password/onepassword-sdk-go", "go/go.mod", " v"),
    }[language]
    version = re.search(rf"{name}{separator}(\S+)", (TOOLS / file).read_text(encoding="utf-8"))
    return f"`{name}` {version[1] if version else ''}"


def write_capability(
    capability: str, comparisons: list[Comparison], reasons: dict[tuple[str, str], str]
) -> Iterator[str]:
    missing = list(write_names("missing", capability, [(each, each.missing) for each in comparisons]))
    different = list(write_different(capability, comparisons, reasons))
    added = list(write_names("added by opwire", capability, [(each, each.added) for each in comparisons]))
    if missing or different or added:
        yield from ["", f"## {capability}", *missing, *different, *added]


def write_names(title: str, capability: str, lists: list[tuple[Comparison, list[str]]]) -> Iterator[str]:
    rows = [(each.language, [name for name in names if capability_of(name) == capability]) for each, names in lists]
    if any(names for _, names in rows):
        yield from ["", f"| language | {title} |", "|---|---|"]
        for language, names in rows:
            if names:
                yield f"| {LANGUAGES[language]} | {code(names)} |"


def write_different(
    capability: str, comparisons: list[Comparison], reasons: dict[tuple[str, str], str]
) -> Iterator[str]:
    rows: dict[tuple[str, Difference], list[str]] = {}
    for each in comparisons:
        for name in each.different:
            if capability_of(name) == capability:
                difference = Difference(each.official[name], each.opwire[name], reasons[each.language, name])
                rows.setdefault((each.language, difference), []).append(name)
    if rows:
        yield from ["", "| language | different | official | opwire | why |", "|---|---|---|---|---|"]
    for (language, difference), names in rows.items():
        yield (
            f"| {LANGUAGES[language]} | {code(names)} | {code([difference.official])} | {code([difference.opwire])} "
            f"| {difference.reason} |"
        )


def capability_of(name: str) -> str:
    spelling = name.replace("_", "")
    return next(each for each, pattern in CAPABILITIES.items() if re.search(pattern, spelling, re.IGNORECASE))


def code(names: list[str]) -> str:
    return ", ".join("`" + name.replace("|", "\\|") + "`" for name in names)


if __name__ == "__main__":
    main(*sys.argv[1:])
