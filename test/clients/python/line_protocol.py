"""One call per line of standard input, one answer per line of standard output, both as JSON."""

import json
import sys


def serve(connect, call):
    """Connects as the first line says, then makes the call of each further line.

    An answer is {"body": {...}} or {"error": {...}}; call returns one of them.
    """
    lines = iter(sys.stdin.readline, "")
    client = connect(json.loads(next(lines)))
    for line in lines:
        asked = json.loads(line)
        print(json.dumps(call(client, asked["action"], asked["parameters"])), flush=True)
