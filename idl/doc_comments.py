# SPDX-License-Identifier: LGPL-2.1-only
"""The comments of an IDL file: those directly above a type, a field or an enumeration value.

They become C comments in the generated header, so that the header is the manual of the types.
"""

import ast
import io
import tokenize


def doc_comments(text):
    """Map (type name, member name or None) to the lines of the comment directly above it."""
    comments = _comment_lines(text)
    docs = {}
    for statement in ast.parse(text).body:
        if not isinstance(statement, ast.Assign) or not isinstance(statement.value, ast.Call):
            continue
        arguments = statement.value.args
        typename = _first_string(arguments)
        docs[typename, None] = _lines_above(statement.lineno, comments)
        for members in arguments[1:]:
            for member in getattr(members, "elts", []):
                name = _first_string(getattr(member, "elts", []))
                docs[typename, name] = _lines_above(member.lineno, comments)
    return docs


def _comment_lines(text):
    """Map line number to comment text, for the lines that hold nothing but a comment."""
    comments = {}
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT and not token.line[: token.start[1]].strip():
            if "*/" in token.string:
                raise SyntaxError("a comment cannot hold */", ("", token.start[0], 0, token.line))
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
