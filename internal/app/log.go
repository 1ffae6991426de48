package app

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf16"

	"github.com/slipway-dev/slipway/release/markdown"
)

// LogLines writes lines of JSON in which every character can be seen: one that ends a line or turns the direction of
// writing on somebody's screen stands there as its code. In JSON such a character is always inside a string.
type LogLines struct{ To io.Writer }

// Write writes one line.
func (l LogLines) Write(line []byte) (int, error) {
	text := string(line)
	if !markdown.Hides(text) {
		return l.To.Write(line)
	}
	var b strings.Builder
	for _, c := range text {
		switch high, low := utf16.EncodeRune(c); {
		case !markdown.Hides(string(c)):
			b.WriteRune(c)
		case c > 0xffff:
			fmt.Fprintf(&b, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&b, `\u%04x`, c)
		}
	}
	if _, err := io.WriteString(l.To, b.String()); err != nil {
		return 0, err
	}
	return len(line), nil
}
