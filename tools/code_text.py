"""Take parts out of a piece of Python code and leave the rest as it is written."""


class Text:
    """The source of a cell, and the edits that are to be made in it."""

    def read(self, source):
        self.source, self.lines, self.edits = source, source.split("\n"), []
        self.begin = [0]
        for line in self.lines:
            self.begin.append(self.begin[-1] + len(line) + 1)

    def edited(self):
        """The source with all edits made, and no more than one empty line where lines went."""
        text = self.source
        for start, stop, new in sorted(self.edits, reverse=True):
            text = text[:start] + new + text[stop:]
        while self.edits and "\n\n\n" in text:
            text = text.replace("\n\n\n", "\n\n")
        return text.strip("\n")

    def at(self, line, column):
        return self.begin[line - 1] + len(self.lines[line - 1].encode()[:column].decode())

    def span(self, node):
        return self.at(node.lineno, node.col_offset), self.at(node.end_lineno, node.end_col_offset)

    def erase(self, statement):
        """Take out a statement with its lines."""
        first = min([statement.lineno, *(d.lineno for d in getattr(statement, "decorator_list", []))])
        self.edits.append((self.begin[first - 1], min(self.begin[statement.end_lineno], len(self.source)), ""))

    def comma(self, place):
        """Where the comma after an element stands, or None after the last."""
        while place < len(self.source):
            if self.source[place] == "#":
                place = self.source.index("\n", place)
            elif self.source[place] == ",":
                return place
            elif not self.source[place].isspace() and self.source[place] != ")":
                return None
            elif self.source[place] == ")" and place >= self.closing:
                return None
            place += 1
        return None

    def remove(self, spans, gone, stop):
        """Take elements out of a list whose last bracket stands at `stop`."""
        self.closing = stop
        kept = [i for i in range(len(spans)) if i not in gone]
        for i in gone:
            if i < kept[0]:
                start, end = spans[i][0], spans[i + 1][0]
            else:
                start = self.comma(spans[i - 1][1])
                end = self.comma(spans[i][1])
                if end is None:
                    end = spans[i][1]
            self.edits.append((start, end, ""))

    def unwrap(self, node, branch):
        """Put a statement's body in its place."""
        first, last = self.begin[branch[0].lineno - 1], self.span(branch[-1])[1]
        start, stop = self.begin[node.lineno - 1], self.span(node)[1]
        shift = branch[0].col_offset - node.col_offset
        self.edits += [(start, first, ""), (last, stop, "")]
        for line in range(branch[0].lineno, branch[-1].end_lineno + 1):
            if self.lines[line - 1].startswith(" " * shift):
                self.edits.append((self.begin[line - 1], self.begin[line - 1] + shift, ""))
