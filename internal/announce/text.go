package announce

import (
	"strings"

	"github.com/slipway-dev/slipway/release/markdown"
)

// An announcement is made of what a process file says and of values that people chose. Each channel has its own way to
// make more of a text than a text; none is let through.

// controls are the characters with which Slack's sequences begin and end: <!channel>, <@USER>, <URL|text>
// (docs.slack.dev, Formatting message text, Escaping text). A bare URL is still a link.
var controls = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

func slack(text string) string { return controls.Replace(visible(text)) }

// visible is a text with line breaks of one kind, in which what cannot be seen is shown as its code.
func visible(text string) string {
	text = strings.ReplaceAll(strings.ReplaceAll(strings.ToValidUTF8(text, "\ufffd"), "\r\n", "\n"), "\r", "\n")
	return markdown.Visible(text)
}

// line is a text on one line, as a subject is.
func line(text string) string { return visible(strings.Join(strings.Fields(text), " ")) }
