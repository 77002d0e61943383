"""Compares what the clients returned, field by field, and fails when they differ otherwise than the EXCEPTIONS say.

    compare.py EXCEPTIONS CALLS LANGUAGE=OFFICIAL=OPWIRE ...

The files are what the run programs wrote; both of a language made the CALLS. An exception is for some calls and members
in some languages, or in all; it says what the two values have to look like, or in which way they are alike. opwire may take fewer
requests for a call, and never more.
"""

import base64
import json
import re
import sys
import time
from collections.abc import Iterator
from datetime import datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

EXCEPTIONS = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
MISSING = "(nothing)"
ID = re.compile(r"\b[a-z2-7]{26}\b")
# The official client for Go reaches the server by another name, which its links have.
LINK = re.compile(r"https?://[\w.:-]+/s#[\w-]{43}\b")
# A one-time password, Steam's included.
CODE = re.compile(r"\d{6,10}|[23456789BCDFGHJKMNPQRTVWXY]{5}")
# Of one-time passwords, in seconds; seeds.json has it too.
PERIOD = 240
# How many links of each client recipients open at least, so that what they get is really compared.
OPENED = 40
# Where an item that opwire wrote and its twin that the official client wrote have to differ.
OF_ONE_ITEM = (
    ".requests*",
    ".seconds*",
    ".value.title*",
    ".value.id*",
    ".value.ID*",
    ".value.createdAt*",
    ".value.updatedAt*",
    ".value.document.id",
    ".value.files.*.attributes.id",
)

Difference = tuple[str, Any, Any]


def main(calls_file: str, *pairs: str) -> None:
    plan = read(calls_file)
    known, changes = set(ID.findall(json.dumps(plan))), set(plan["changes"])
    failed = False
    used: set[tuple[int, str]] = set()
    clients = [pair.split("=") for pair in pairs]
    for language, official, opwire in clients:
        theirs, ours = results(official, known, changes), results(opwire, known, changes)
        failed |= compare_clients(language, theirs, ours, used)
    failed |= compare_written(plan["written"], read(clients[0][1]))
    for number, exception in enumerate(EXCEPTIONS):
        for language in exception.get("languages", [client[0] for client in clients]):
            if (number, language) not in used:
                print(f"needless exception, {language}: {exception['call']} {exception['path']}")
                failed = True
    if failed:
        sys.exit(f"interop: the clients differ; mend opwire, or say why in {sys.argv[1]}")


def results(file: str, known: set[str], changes: set[str]) -> Any:
    """What a client returned. Of its changes the ids that it made are numbered, and the times of now left out."""
    numbered: dict[str, str] = {}

    def number(found: re.Match[str]) -> str:
        made = found[0]
        return made if made in known else numbered.setdefault(made, f"(id {len(numbered)})")

    def comparable(value: Any) -> Any:
        return json.loads(ID.sub(number, json.dumps(without_times(value))))

    text = LINK.sub("(server)/s#(secret)", Path(file).read_text(encoding="utf-8"))
    return {name: comparable(value) if name in changes else value for name, value in json.loads(text).items()}


def without_times(value: Any) -> Any:
    if isinstance(value, list):
        return [without_times(each) for each in value]
    if isinstance(value, dict) and "$time" in value:
        age = time.time() - datetime.fromisoformat(value["$time"].replace("Z", "+00:00")).timestamp()
        return {"$time": "(just now)"} if abs(age) < 3600 else value
    if isinstance(value, dict):
        return {name: without_times(each) for name, each in value.items()}
    return value


def compare_clients(language: str, official: Any, opwire: Any, used: set[tuple[int, str]]) -> bool:
    counts, sent = {"values": 0, "excepted": 0, "codes": 0}, {"official": 0, "opwire": 0}
    bad = 0
    if official.keys() != opwire.keys():
        sys.exit(f"interop: {language}: the clients made different calls")
    for name in official:
        theirs_sent, ours_sent = official[name].pop("requests"), opwire[name].pop("requests")
        sent["official"] += len(theirs_sent)
        sent["opwire"] += len(ours_sent)
        same_period = len({at // PERIOD for each in (official, opwire) for at in each[name].pop("seconds")}) == 1
        found = list(differences(official[name], opwire[name]))
        if not same_period:
            changed = [each for each in found if are_codes(*each[1:])]
            counts["codes"] += len(changed)
            found = [each for each in found if each not in changed]
        if len(ours_sent) > len(theirs_sent):
            found.append((".requests", theirs_sent, ours_sent))
        counts["values"] += leaves(official[name])
        for path, theirs, ours in found:
            exceptions = [n for n, each in enumerate(EXCEPTIONS) if excuses(each, language, name, path, theirs, ours)]
            if exceptions:
                used.update((number, language) for number in exceptions)
                counts["excepted"] += 1
            else:
                bad += 1
                print(f"{language}: {name}: {path}\n  official: {theirs!r}\n  opwire:   {ours!r}")
    failures = sum("error" in each for each in official.values())
    opened = min(sum(isinstance(each.get("opened"), dict) for each in client.values()) for client in (official, opwire))
    if opened < OPENED:
        sys.exit(f"interop: {language}: only {opened} shares were opened")
    print(
        f"{language}: {len(official)} calls, {failures} of them failing ones, {opened} shares opened, {counts['values']} values: "
        f"{bad} differences, {counts['excepted']} by an exception, {counts['codes']} one-time passwords of two periods; {sent['opwire']} requests, official "
        f"{sent['official']}"
    )
    return bad > 0


def are_codes(official: Any, opwire: Any) -> bool:
    """Whether both are one-time passwords of one form: those of two periods differ."""
    return all(isinstance(each, str) and CODE.fullmatch(each) for each in (official, opwire)) and len(official) == len(
        opwire
    )


def excuses(exception: dict[str, Any], language: str, call: str, path: str, official: Any, opwire: Any) -> bool:
    return (
        language in exception.get("languages", [language])
        and fnmatchcase(call, exception["call"])
        and fnmatchcase(path, exception["path"])
        and fnmatchcase(str(official), exception.get("official", "*"))
        and fnmatchcase(str(opwire), exception.get("opwire", "*"))
        and ("alike" not in exception or ALIKE[exception["alike"]](official, opwire))
    )


def names_the_field_too(official: str, opwire: str) -> bool:
    return re.sub(r": field '[^']*'$", "", opwire) == official


def begins_with_the_public_text(official: str, opwire: str) -> bool:
    return opwire.startswith(official + ": ")


def same_openssh_key(official: str, opwire: str) -> bool:
    return without_check_number(official) == without_check_number(opwire)


def without_check_number(key: str) -> bytes:
    """An OpenSSH key without the number that stands there twice, so that a wrong passphrase is noticed."""
    data = base64.b64decode("".join(key.splitlines()[1:-1]))
    at = len(b"openssh-key-v1\0")

    def skip_text() -> None:
        nonlocal at
        at += 4 + int.from_bytes(data[at : at + 4], "big")

    for _ in ("cipher", "key derivation", "its options"):
        skip_text()
    at += 4  # the number of keys
    skip_text()  # the public key
    at += 4  # the length of the rest
    assert data[at : at + 4] == data[at + 4 : at + 8], "not the two numbers"
    return data[:at] + data[at + 8 :]


def says_what_there_is(official: str, opwire: str) -> bool:
    return re.sub(": expected one of [A-Za-z, ]+", "", opwire) == official


ALIKE = {
    "begins with the public text": begins_with_the_public_text,
    "names the field too": names_the_field_too,
    "says what there is": says_what_there_is,
    "same OpenSSH key": same_openssh_key,
}


def compare_written(pairs: list[list[str]], results: Any) -> bool:
    """The same item, written by opwire and by the official client, read by the official client."""
    bad = 0
    for name, twin in pairs:
        for path, theirs, ours in differences(results[twin], results[name]):
            if not any(fnmatchcase(path, each) for each in OF_ONE_ITEM):
                bad += 1
                print(f"written: {name}: {path}\n  official: {theirs!r}\n  opwire:   {ours!r}")
    print(f"written by opwire and by the official client: {len(pairs)} items: {bad} differences")
    return bad > 0


def differences(official: Any, opwire: Any, path: str = "") -> Iterator[Difference]:
    if isinstance(official, dict) and isinstance(opwire, dict):
        for key in dict.fromkeys([*official, *opwire]):
            yield from differences(official.get(key, MISSING), opwire.get(key, MISSING), f"{path}.{key}")
    elif isinstance(official, list) and isinstance(opwire, list) and len(official) == len(opwire):
        for index, (theirs, ours) in enumerate(zip(official, opwire)):
            yield from differences(theirs, ours, f"{path}.{index}")
    elif official != opwire or type(official) is not type(opwire):
        yield path, official, opwire


def leaves(value: Any) -> int:
    if isinstance(value, dict):
        return sum(map(leaves, value.values()))
    if isinstance(value, list):
        return sum(map(leaves, value))
    return 1


def read(file: str) -> Any:
    return json.loads(Path(file).read_text(encoding="utf-8"))


if __name__ == "__main__":
    main(*sys.argv[2:])
