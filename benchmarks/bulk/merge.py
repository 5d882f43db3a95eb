import json
import sys


def merge(target, patch):
    if not isinstance(patch, dict):
        return patch
    if not isinstance(target, dict):
        target = {}
    for name, value in patch.items():
        if value is None:
            target.pop(name, None)
        else:
            target[name] = merge(target.get(name), value)
    return target


patches = {}
with open(sys.argv[2]) as lines:
    for line in lines:
        patch = json.loads(line)
        patches.setdefault(patch["id"], []).append(patch)
with open(sys.argv[1]) as lines:
    for line in lines:
        contact = json.loads(line)
        for patch in patches.get(contact["id"], []):
            contact = merge(contact, patch)
        print(json.dumps(contact))
