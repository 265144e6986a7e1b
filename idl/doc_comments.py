# SPDX-License-Identifier: LGPL-2.1-only
"""The comments of an IDL file: those directly above a type, a field or an enumeration value.

They become C comments in the generated header, so that the header is the manual of the types.
"""

import ast
import io
import tokenize


def doc_comments(text):
    """Map (type name, path of member names) to the lines of the comment directly above it.

    The path is empty for the type itself, and longer than one name inside a type without a name.
    """
    comments = _comment_lines(text)
    docs = {}
    for statement in ast.parse(text).body:
        if not isinstance(statement, ast.Assign) or not isinstance(statement.value, ast.Call):
            continue
        typename = _first_string(statement.value.args)
        docs[typename, ()] = _lines_above(statement.lineno, comments)
        for path, line in _members(statement.value, ()):
            docs[typename, path] = _lines_above(line, comments)
    return docs


def _members(call, path):
    """The path and the line of each (name, ...) in the lists that the call is given."""
    for members in call.args:
        for member in getattr(members, "elts", []):
            parts = getattr(member, "elts", [])
            here = (*path, _first_string(parts))
            yield here, member.lineno
            for part in parts:
                if isinstance(part, ast.Call):
                    yield from _members(part, here)


def _comment_lines(text):
    """Map line number to comment text, for the lines that hold nothing but a comment."""
    comments = {}
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT and not token.line[: token.start[1]].strip():
            if "*/" in token.string or "/*" in token.string:
                message = "a comment cannot hold /* or */"
                raise SyntaxError(message, ("", token.start[0], 0, token.line))
            comments[token.start[0]] = token.string.removeprefix("#").removeprefix(" ").rstrip()
    return comments


def _lines_above(line, comments):
    first = line
    while first - 1 in comments:
        first -= 1
    return tuple(comments[number] for number in range(first, line))


def _first_string(nodes):
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return node.value
    return None
