package parse

import "strings"

// cursor goes through the indentation and the container marks of one line. Columns count a tab to the next multiple of
// four, so a tab may stand partly before and partly behind the cursor.
type cursor struct {
	text   string
	column int // where the cursor stands
	next   int // index of the first byte that is no blank
	at     int // column of next
}

func newCursor(text string) cursor {
	c := cursor{text: text}
	c.skipBlanks()
	return c
}

func (c *cursor) skipBlanks() {
	for ; c.next < len(c.text); c.next++ {
		switch c.text[c.next] {
		case ' ':
			c.at++
		case '\t':
			c.at += 4 - c.at%4
		default:
			return
		}
	}
}

func (c *cursor) blank() bool  { return c.next == len(c.text) }
func (c *cursor) indent() int  { return c.at - c.column }
func (c *cursor) rest() string { return c.text[c.next:] }

// take passes n bytes of a mark.
func (c *cursor) take(n int) {
	c.next += n
	c.at += n
	c.column = c.at
	c.skipBlanks()
}

// quote passes the mark of a block quote and the one blank that belongs to it.
func (c *cursor) quote() {
	c.take(1)
	if c.indent() > 0 {
		c.column++
	}
}

// item passes the mark of a list item and says how many columns its content is indented by.
func (c *cursor) item(width int) int {
	indent := c.indent() + width
	c.take(width)
	n := c.indent()
	if c.blank() || n > 4 {
		n = 1 // an empty item, or one that begins with indented code
	}
	if !c.blank() {
		c.column += n
	}
	return indent + n
}

// bullet says whether a list item begins, and how wide its mark is. In a paragraph only an item with text may begin,
// and a numbered one only with 1.
func bullet(rest string, inParagraph bool) (width int, ok bool) {
	switch rest[0] {
	case '-', '+', '*':
		width = 1
	default:
		for width < len(rest) && width < 9 && rest[width] >= '0' && rest[width] <= '9' {
			width++
		}
		if width == 0 || width == len(rest) || (rest[width] != '.' && rest[width] != ')') {
			return 0, false
		}
		if inParagraph && rest[:width] != "1" {
			return 0, false
		}
		width++
	}
	if width == len(rest) {
		return width, !inParagraph
	}
	if rest[width] != ' ' && rest[width] != '\t' {
		return 0, false
	}
	return width, !inParagraph || strings.Trim(rest[width:], " \t") != ""
}

// opens says whether the line opens a fence: at least three of one mark, and no backtick in the info string of a
// backtick fence.
func opens(rest string) (mark byte, length int, info string, ok bool) {
	if rest == "" || (rest[0] != '`' && rest[0] != '~') {
		return 0, 0, "", false
	}
	mark = rest[0]
	length = run(rest, mark)
	if length < 3 || (mark == '`' && strings.IndexByte(rest[length:], '`') >= 0) {
		return 0, 0, "", false
	}
	return mark, length, strings.TrimSpace(rest[length:]), true
}

func closes(rest string, mark byte, length int) bool {
	n := run(rest, mark)
	return n >= length && strings.Trim(rest[n:], " \t") == ""
}

// atx is the level of a heading with number signs, 0 for none.
func atx(rest string) uint8 {
	n := run(rest, '#')
	if n == 0 || n > 6 || (n < len(rest) && rest[n] != ' ' && rest[n] != '\t') {
		return 0
	}
	return uint8(n)
}

// setext says that the line underlines the paragraph above as a heading.
func setext(rest string) bool {
	c := rest[0]
	return (c == '=' || c == '-') && strings.Trim(rest[run(rest, c):], " \t") == ""
}

// thematic says that the line is a thematic break: three or more of one mark, with or without blanks.
func thematic(rest string) bool {
	c, n := rest[0], 0
	if c != '-' && c != '*' && c != '_' {
		return false
	}
	for i := range len(rest) {
		switch rest[i] {
		case c:
			n++
		case ' ', '\t':
		default:
			return false
		}
	}
	return n >= 3
}

// htmlBlock says whether an HTML block begins whose text is no Markdown over blank lines too (CommonMark, "HTML
// blocks", kinds 1 to 5), and what ends it. Other tags, such as details, are read as text: Markdown follows them.
func htmlBlock(rest string) (until string, ok bool) {
	if rest[0] != '<' {
		return "", false
	}
	for _, kind := range [...][2]string{
		{"<!--", "-->"}, {"<?", "?>"}, {"<![CDATA[", "]]>"},
		{"<pre", "</pre>"}, {"<script", "</script>"}, {"<style", "</style>"}, {"<textarea", "</textarea>"},
	} {
		n := len(kind[0])
		if len(rest) < n || !strings.EqualFold(rest[:n], kind[0]) {
			continue
		}
		if letter(kind[0][1]) && n < len(rest) && strings.IndexByte(" \t>", rest[n]) < 0 {
			continue
		}
		return kind[1], true
	}
	if len(rest) > 2 && rest[1] == '!' && letter(rest[2]) {
		return ">", true
	}
	return "", false
}

// indexFold is strings.Index for an ASCII needle in lower case, without regard to case.
func indexFold(text, needle string) int {
	for i := 0; i+len(needle) <= len(text); i++ {
		j := strings.IndexByte(text[i:], needle[0]) // the first byte of every needle is a mark, not a letter
		if j < 0 || i+j+len(needle) > len(text) {
			return -1
		}
		if i += j; strings.EqualFold(text[i:i+len(needle)], needle) {
			return i
		}
	}
	return -1
}

func letter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

func run(text string, c byte) int {
	n := 0
	for n < len(text) && text[n] == c {
		n++
	}
	return n
}
