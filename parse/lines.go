package parse

import "strings"

// place says what a line of Markdown belongs to.
type place int

const (
	prose   place = iota
	fence         // a line that opens or closes fenced code
	code          // inside fenced or indented code
	quote         // a block quote, lazy continuation included
	comment       // inside an HTML comment
	span          // inside an inline code span that began on an earlier line
)

// line is one line of the input, without its line end.
type line struct {
	number int // from 1
	text   string
	place  place
	// info is, on a line that opens a fence, its info string, trimmed; block numbers the fences from 1.
	info  string
	block int
	opens bool
}

// scan goes over the body once. Each byte is looked at a bounded number of times.
func scan(body string) []line {
	s := scanner{}
	out := make([]line, 0, 1+strings.Count(body, "\n"))
	for number := 1; ; number++ {
		text, rest, more := strings.Cut(body, "\n")
		out = append(out, s.line(number, strings.TrimSuffix(text, "\r")))
		if !more {
			return out
		}
		body = rest
	}
}

// scanner is the state between lines.
type scanner struct {
	fence     byte // ` or ~ while inside a fence, 0 outside
	length    int  // of the fence that opened
	block     int
	comment   bool // inside <!-- -->
	quote     bool // the line before was a quote or its continuation
	paragraph bool // the line before was paragraph text, so indented text continues it
	ticks     int  // length of an inline code span that is open, 0 when none
}

func (s *scanner) line(number int, text string) line {
	out := line{number: number, text: text}
	trimmed := strings.TrimLeft(text, " ")
	indent := len(text) - len(trimmed)
	blank := strings.TrimSpace(text) == ""
	switch {
	case s.comment:
		out.place = comment
		s.comment = !strings.Contains(text, "-->")
		return out
	case s.fence != 0:
		out.place, out.block = code, s.block
		if indent <= 3 && closes(trimmed, s.fence, s.length) {
			out.place, s.fence = fence, 0
		}
		return out
	case blank:
		s.quote, s.paragraph, s.ticks = false, false, 0
		return out
	case indent <= 3 && strings.HasPrefix(trimmed, ">"):
		out.place, s.quote, s.paragraph, s.ticks = quote, true, false, 0
		return out
	}
	if mark, length, info, ok := opens(trimmed); ok && indent <= 3 {
		s.fence, s.length, s.quote, s.paragraph, s.ticks = mark, length, false, false, 0
		s.block++
		out.place, out.info, out.block, out.opens = fence, info, s.block, true
		return out
	}
	switch {
	case s.quote:
		out.place = quote // lazy continuation: text right below a quote belongs to it
		return out
	case !s.paragraph && (indent >= 4 || strings.HasPrefix(text, "\t")):
		out.place = code
		return out
	}
	if s.ticks > 0 {
		out.place = span
	}
	s.inline(text)
	if strings.HasPrefix(trimmed, "<!--") && out.place == prose && (s.comment || onlyComment(trimmed)) {
		out.place = comment
	}
	s.paragraph = !s.comment
	return out
}

// inline follows code spans and comments through one line of prose. A span may go over lines of one paragraph.
func (s *scanner) inline(text string) {
	for i := 0; i < len(text); {
		switch {
		case text[i] == '\\' && s.ticks == 0:
			i += 2
		case text[i] == '`':
			n := run(text[i:], '`')
			switch s.ticks {
			case 0:
				// A run that nothing closes on this line is text: GitHub shows it as typed. A longer look ahead
				// would cost the square of the input.
				if closesSpan(text[i+n:], n) {
					s.ticks = n
				}
			case n:
				s.ticks = 0
			}
			i += n
		case s.ticks == 0 && strings.HasPrefix(text[i:], "<!--"):
			end := strings.Index(text[i+4:], "-->")
			if end < 0 {
				s.comment = true
				return
			}
			i += 4 + end + 3
		default:
			i++
		}
	}
	s.ticks = 0
}

// closesSpan says that a run of exactly n backticks follows. It looks at most a bounded way ahead.
func closesSpan(text string, n int) bool {
	const far = 512
	if len(text) > far {
		text = text[:far]
	}
	for i := 0; i < len(text); {
		if text[i] != '`' {
			i++
			continue
		}
		k := run(text[i:], '`')
		if k == n {
			return true
		}
		i += k
	}
	return false
}

func run(text string, c byte) int {
	n := 0
	for n < len(text) && text[n] == c {
		n++
	}
	return n
}

// onlyComment says that the line is a whole comment and nothing else.
func onlyComment(trimmed string) bool {
	end := strings.Index(trimmed, "-->")
	return end >= 0 && strings.TrimSpace(trimmed[end+3:]) == ""
}

// opens says whether the line opens a fence (CommonMark, Fenced code blocks): at least three of one mark, and no
// backtick in the info string of a backtick fence.
func opens(trimmed string) (mark byte, length int, info string, ok bool) {
	if trimmed == "" || (trimmed[0] != '`' && trimmed[0] != '~') {
		return 0, 0, "", false
	}
	mark = trimmed[0]
	length = run(trimmed, mark)
	info = strings.TrimSpace(trimmed[length:])
	if length < 3 || (mark == '`' && strings.Contains(info, "`")) {
		return 0, 0, "", false
	}
	return mark, length, info, true
}

func closes(trimmed string, mark byte, length int) bool {
	n := run(trimmed, mark)
	return n >= length && strings.TrimSpace(trimmed[n:]) == ""
}
