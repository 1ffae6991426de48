package parse

import "strings"

// Begin and End stand around what Slipway owns in the body of an issue. The text outside is the user's.
const (
	Begin = "<!-- slipway:begin -->"
	End   = "<!-- slipway:end -->"
)

// Section is what stands between Begin and End.
func Section(body string) (inside string, found bool) {
	_, inside, _, found = SectionBetween(body, Begin, End)
	return inside, found
}

// ReplaceSection puts with between Begin and End, or appends a section where there is none. Not a byte outside
// changes, and doing it again changes nothing.
func ReplaceSection(body, with string) string { return ReplaceBetween(body, Begin, End, with) }

// SectionBetween finds the section between two marks, which are HTML comments: the first begin that an end follows
// without another begin between. Marks that are quoted, or shown as code, are somebody's example. Any other mark is
// damage, which stays where it is. The line ends next to the marks belong to neither side; where nothing is found,
// before is the whole body.
func SectionBetween(body, begin, end string) (before, inside, after string, found bool) {
	from, to, found := section(body, begin, end)
	if !found {
		return body, "", "", false
	}
	inside = body[from+len(begin) : to]
	inside = strings.TrimPrefix(strings.TrimPrefix(inside, "\r"), "\n")
	inside = strings.TrimSuffix(strings.TrimSuffix(inside, "\n"), "\r")
	return body[:from], inside, body[to+len(end):], true
}

// ReplaceBetween puts with between two marks, or appends the marks and with to the body where there is no such section.
// Not a byte of the rest changes, and doing it again changes nothing. Marks within with are made harmless.
func ReplaceBetween(body, begin, end, with string) string {
	whole := begin + "\n" + harmless(harmless(with, begin), end) + "\n" + end
	from, to, found := section(body, begin, end)
	switch {
	case found:
		return body[:from] + whole + body[to+len(end):]
	case body == "":
		return whole
	case strings.HasSuffix(body, "\n\n"), strings.HasSuffix(body, "\n\r\n"):
		return body + whole
	case strings.HasSuffix(body, "\n"):
		return body + "\n" + whole
	}
	return body + "\n\n" + whole
}

// harmless turns a mark inside a text into text that shows it.
func harmless(text, mark string) string {
	return strings.ReplaceAll(text, mark, "&lt;"+strings.TrimPrefix(mark, "<"))
}

// section finds the offsets of the two marks. Whether a begin counts depends only on what stands before it and behind
// its end, never on what stands between: that is what makes replacing idempotent.
func section(body, begin, end string) (from, to int, found bool) {
	next := strings.Index(body, begin)
	if next < 0 || !strings.Contains(body[next:], end) {
		return 0, 0, false
	}
	lines := scan(body)
	var fences fences
	at := 0 // the line of next
	for {
		after := next + len(begin)
		close := strings.Index(body[after:], end)
		if close < 0 {
			return 0, 0, false
		}
		// The last begin before that end: those before it have lost theirs.
		next = after + strings.LastIndex(body[after:after+close], begin)
		if next < after {
			next = after - len(begin)
		}
		close += after
		for at+1 < len(lines) && lines[at+1].at <= next {
			at++
		}
		fences.upTo(lines, at)
		if !fences.example(body, lines[at], next) && !fences.closedBehind(lines, close+len(end)) {
			return next, close, true
		}
		i := strings.Index(body[close:], begin)
		if i < 0 {
			return 0, 0, false
		}
		next = close + i
	}
}

// example says that the mark at next is quoted, indented as code, or has a backtick before it.
func (f *fences) example(body string, l line, next int) bool {
	return l.place == quote || l.place == code && f.mark == 0 || next > 0 && body[next-1] == '`'
}

// fences knows which fence is open at a line, and where fences could be closed.
type fences struct {
	line   int  // the first line that has not been followed
	mark   byte // of the fence that is open, 0 when none is
	length int
	// closers is, for each line and kind of fence, the longest closing line from there on.
	closers [][2]int
}

// upTo follows the fences to the line at index at.
func (f *fences) upTo(lines []line, at int) {
	for ; f.line <= at; f.line++ {
		switch l := lines[f.line]; {
		case l.opens:
			f.mark, f.length, _ = l.opening()
		case l.place != code || l.closes:
			f.mark = 0
		}
	}
}

// closedBehind says that a fence is open and that the text from offset on would close it: what stands in it is an
// example. A fence that nothing closes was only forgotten, and swallows the section against everybody's will.
func (f *fences) closedBehind(lines []line, offset int) bool {
	if f.mark == 0 {
		return false
	}
	if f.closers == nil {
		f.closers = closers(lines)
	}
	i, kind := f.line, 0
	for i < len(lines) && lines[i].at < offset {
		i++
	}
	if f.mark == '~' {
		kind = 1
	}
	return f.closers[i][kind] >= f.length
}

func closers(lines []line) [][2]int {
	longest := make([][2]int, len(lines)+1)
	for i := len(lines) - 1; i >= 0; i-- {
		longest[i] = longest[i+1]
		c := newCursor(lines[i].text)
		for kind, mark := range [2]byte{'`', '~'} {
			if n := run(c.rest(), mark); n >= 3 && closes(c.rest(), mark, n) {
				longest[i][kind] = max(longest[i][kind], n)
			}
		}
	}
	return longest
}
