package parse

import "strings"

// place says what a line of Markdown belongs to.
type place uint8

const (
	prose   place = iota
	fence         // a line that opens or closes fenced code
	code          // inside fenced or indented code
	quote         // a block quote, lazy continuation included
	comment       // inside an HTML comment, or inside another HTML block whose text is not Markdown
	span          // begins inside an inline code span that was opened on an earlier line
)

// line is one line of the input, without its line end.
type line struct {
	number int // from 1
	at     int // byte offset of text in the body
	text   string
	// bare is text without its HTML comments: what a reader sees.
	bare  string
	place place
	// opens and closes are set on the lines of place fence.
	opens, closes bool
	heading       uint8 // level of a heading, 0 for none; set on the text of the heading
	fenceAt       int   // on a line that opens a fence: where in text the fence begins
}

// opening is the mark, the length and the info string of the fence that the line opens.
func (l line) opening() (mark byte, length int, info string) {
	mark, length, info, _ = opens(l.text[l.fenceAt:])
	return mark, length, info
}

// scan goes over the body once and says of each line what it belongs to (CommonMark 0.31, "Blocks", as GitHub reads
// it). Each byte is looked at a bounded number of times: containers nest at most deepest levels, and the inline pass
// over a paragraph never looks twice for an end that is not there.
func scan(body string) []line {
	s := scanner{body: body, lines: make([]line, 0, 1+max(strings.Count(body, "\n"), strings.Count(body, "\r"))),
		paragraph: -1}
	lf := -1 // the next line feed, len(body) when there is none
	for at := 0; ; {
		if lf < at {
			if lf = strings.IndexByte(body[at:], '\n'); lf < 0 {
				lf = len(body)
			} else {
				lf += at
			}
		}
		// A line ends with LF, CRLF (what GitHub's web page sends) or a lone CR.
		end, next := lf, lf+1
		if r := strings.IndexByte(body[at:lf], '\r'); r >= 0 {
			end = at + r
			if next = end + 1; next == lf && lf < len(body) {
				next++
			}
		}
		s.lines = append(s.lines, line{number: len(s.lines) + 1, at: at, text: body[at:end], bare: body[at:end]})
		s.block(&s.lines[len(s.lines)-1])
		if end == len(body) {
			s.endParagraph(len(s.lines))
			return s.lines
		}
		at = next
	}
}

// deepest bounds how deep quotes and lists nest. Deeper ones are read as text. Without a bound a line of dashes
// followed by blank lines would cost the square of the input.
const deepest = 48

// container is a block quote or a list item that is open.
type container struct {
	quote  bool
	indent int // of a list item: the columns that its content is indented by
}

// scanner is the state between lines.
type scanner struct {
	body  string
	lines []line
	open  []container

	// What is open in the innermost container: fenced code, an HTML block, a paragraph, or nothing.
	mark   byte   // ` or ~ of a fence
	length int    // of the fence
	until  string // what ends the HTML block, lower case
	// paragraph is the index of the line where the open paragraph begins, -1 when none is open.
	paragraph int
}

func (s *scanner) block(l *line) {
	c := newCursor(l.text)
	matched := s.match(&c)
	if matched == len(s.open) && s.inLeaf(l, &c) {
		return
	}
	if matched < len(s.open) {
		s.mark, s.until = 0, "" // a fence or HTML block ends with the container that it stands in
	}
	if c.blank() {
		s.endParagraph(len(s.lines) - 1)
		s.open = s.open[:matched]
		s.settle(l)
		return
	}
	fresh := false // a block began on this line
	start := func() {
		s.endParagraph(len(s.lines) - 1)
		if !fresh {
			s.open, fresh = s.open[:matched], true
		}
	}
	for {
		rest, inParagraph := c.rest(), s.paragraph >= 0 && matched == len(s.open)
		if c.indent() >= 4 {
			if s.paragraph < 0 {
				start()
				l.place = code
				s.settle(l)
				return
			}
			break
		}
		if s.leaf(l, rest, inParagraph, c.next, start) {
			return
		}
		if len(s.open) < deepest || matched < len(s.open) {
			if rest[0] == '>' {
				start()
				c.quote()
				s.push(container{quote: true}, &matched)
				if c.blank() {
					s.settle(l)
					return
				}
				continue
			}
			if width, ok := bullet(rest, inParagraph); ok {
				start()
				s.push(container{indent: c.item(width)}, &matched)
				if c.blank() {
					s.settle(l)
					return
				}
				continue
			}
		}
		break
	}
	// Text. Below a quote or a list item whose paragraph is open it goes on with that paragraph (lazy continuation);
	// else it closes what it does not stand in.
	if s.paragraph < 0 {
		s.open = s.open[:matched]
		s.paragraph = len(s.lines) - 1
	}
	s.settle(l)
}

// leaf settles a line that is a block of its own, or ends a paragraph as its heading. start closes what is open; at is
// where the rest begins.
func (s *scanner) leaf(l *line, rest string, inParagraph bool, at int, start func()) bool {
	if mark, length, _, ok := opens(rest); ok {
		start()
		s.mark, s.length, l.place, l.opens, l.fenceAt = mark, length, fence, true, at
		s.settle(l)
		return true
	}
	if level := atx(rest); level > 0 {
		start()
		s.heading(l, level)
		return true
	}
	if until, ok := htmlBlock(rest); ok {
		start()
		s.html(l, rest, until)
		s.settle(l)
		return true
	}
	if inParagraph && setext(rest) {
		under := &s.lines[len(s.lines)-2]
		if level := uint8(2); under.place == prose {
			if rest[0] == '=' {
				level = 1
			}
			under.heading = level
		}
		s.endParagraph(len(s.lines) - 1)
		s.settle(l)
		return true
	}
	if thematic(rest) {
		start()
		s.settle(l)
		return true
	}
	return false
}

func (s *scanner) push(c container, matched *int) {
	s.open = append(s.open, c)
	*matched = len(s.open)
}

// match goes through the open containers as far as the line continues them.
func (s *scanner) match(c *cursor) int {
	for i, o := range s.open {
		switch {
		case o.quote && c.indent() <= 3 && !c.blank() && c.rest()[0] == '>':
			c.quote()
		case !o.quote && c.blank():
		case !o.quote && c.indent() >= o.indent:
			c.column += o.indent
		default:
			return i
		}
	}
	return len(s.open)
}

// inLeaf takes a line that goes on with fenced code or an HTML block.
func (s *scanner) inLeaf(l *line, c *cursor) bool {
	switch {
	case s.mark != 0:
		l.place = code
		if c.indent() <= 3 && closes(c.rest(), s.mark, s.length) {
			l.place, l.closes, s.mark = fence, true, 0
		}
	case s.until != "":
		s.html(l, l.text, s.until)
	default:
		return false
	}
	s.settle(l)
	return true
}

// html takes a line of an HTML block, which ends on the line that holds until.
func (s *scanner) html(l *line, rest, until string) {
	l.place, s.until = comment, until
	offset := len(l.text) - len(rest)
	from := 0
	if until == "-->" && strings.HasPrefix(rest, "<!--") {
		from = 2 // <!--> and <!---> are whole comments
	}
	i := indexFold(rest[from:], until)
	if i < 0 {
		l.bare = ""
		return
	}
	s.until = ""
	l.bare = ""
	if until != "-->" {
		return
	}
	// What follows the comment on its last line is shown as it is. A comment that opens there hides what comes after
	// it, whatever CommonMark says: browsers see it so.
	var open bool
	if l.bare, open = uncommented(l.text[offset+from+i+len(until):]); open {
		s.until = until
	}
}

// uncommented takes HTML comments out of text, and says whether the last one is still open.
func uncommented(text string) (bare string, open bool) {
	if !strings.Contains(text, "<!--") {
		return text, false
	}
	var b strings.Builder
	for {
		before, after, found := strings.Cut(text, "<!--")
		b.WriteString(before)
		if !found {
			return b.String(), false
		}
		if _, text, found = strings.Cut(after, "-->"); !found {
			return b.String(), true
		}
	}
}

// settle gives a line that stands in a quote its place: nothing in a quote is ours.
func (s *scanner) settle(l *line) {
	for _, o := range s.open {
		if o.quote {
			l.place, l.opens, l.closes = quote, false, false
			return
		}
	}
}

func (s *scanner) heading(l *line, level uint8) {
	s.settle(l)
	if l.place == quote {
		return
	}
	l.heading = level
	s.inline(len(s.lines)-1, len(s.lines))
}

// endParagraph closes the paragraph that ends before the line at index end, and looks for code spans and comments in
// it: both may go over lines, neither over the end of a paragraph.
func (s *scanner) endParagraph(end int) {
	if s.paragraph >= 0 {
		s.inline(s.paragraph, end)
		s.paragraph = -1
	}
}
