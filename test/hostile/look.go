package hostile

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html"
	"net/mail"
	"regexp"
	"slices"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	extensions "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"

	"github.com/slipway-dev/slipway/parse"
)

var (
	// code is what GitHub looks into for nothing.
	code = regexp.MustCompile(`(?s)<code[^>]*>.*?</code>`)
	tag  = regexp.MustCompile(`(?s)<[^>]*>`)
	// alive is what GitHub makes a mention, a reference or a link of in rendered text, and in titles and messages.
	alive = regexp.MustCompile(`(?i)(^|[^\w])@(evil|everyone)|#66601|\bgh-66602|#66603|\b` + sha +
		`\b|://(evil|github\.com/evil)|\bwww\.evil|evil@evil\.test`)
	// trailer is a line of a message that git or GitHub obeys.
	trailer = regexp.MustCompile(`(?im)^(co-authored-by|signed-off-by|bcc): *evil`)
	// raw is the HTML that Slipway writes itself.
	raw = regexp.MustCompile(`^(\s|<!-- (slipway:(begin|end|(key|log)=\S+|copy [^<>]*)|step:[a-z0-9-]+) -->|<br>|` +
		`</?(details|summary|sub|code)>|[\w ,./-]*)*$`)
	gfm = goldmark.New(goldmark.WithExtensions(extension.GFM))
)

// Markdown says what of a hostile text is alive in a text that GitHub renders.
func Markdown(written string) []string {
	var found []string
	say := func(what string, args ...any) { found = append(found, fmt.Sprintf(what, args...)) }
	source := []byte(written)
	root := gfm.Parser().Parse(text.NewReader(source))
	lines := func(n ast.Node) string {
		var b strings.Builder
		for i := range n.Lines().Len() {
			at := n.Lines().At(i)
			b.Write(at.Value(source))
		}
		return b.String()
	}
	_ = ast.Walk(root, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Image:
			say("an image: %s", n.Destination)
		case *ast.Link:
			destination(say, string(n.Destination))
		case *ast.AutoLink:
			destination(say, string(n.URL(source)))
		case *ast.RawHTML:
			var b strings.Builder
			for i := range n.Segments.Len() {
				at := n.Segments.At(i)
				b.Write(at.Value(source))
			}
			markup(say, b.String())
		case *ast.HTMLBlock:
			block := lines(n)
			if n.HasClosure() {
				block += string(n.ClosureLine.Value(source))
			}
			markup(say, block)
		case *ast.Heading, *ast.Paragraph, *ast.TextBlock:
			block := strings.ToLower(strings.TrimSpace(lines(n)))
			if strings.HasPrefix(block, "evil") || strings.HasPrefix(block, "/release abort evil") ||
				strings.HasPrefix(block, "[x] evil") {
				say("a block of its own: %.60q", block)
			}
		case *extensions.TableCell:
			// A cell that the text itself began: no table of ours has one that begins so.
			if first := n.FirstChild(); first != nil {
				if t, is := first.(*ast.Text); is && strings.HasPrefix(string(t.Segment.Value(source)), "evil") {
					say("a cell of its own: %.60q", t.Segment.Value(source))
				}
			}
		}
		return ast.WalkContinue, nil
	})
	var b bytes.Buffer
	if err := gfm.Renderer().Render(&b, source, root); err != nil {
		say("it cannot be rendered: %v", err)
	}
	shown := html.UnescapeString(tag.ReplaceAllString(code.ReplaceAllString(b.String(), " "), ""))
	for _, m := range alive.FindAllString(shown, -1) {
		say("alive: %q", m)
	}
	if slices.Contains(parse.Markers(written), "evil") {
		say("a forged mark is believed")
	}
	return append(found, unseen(written)...)
}

func destination(say func(string, ...any), url string) {
	if strings.Contains(strings.ToLower(url), "evil") ||
		!strings.HasPrefix(url, "http://") && !strings.HasPrefix(url, "https://") {
		say("a link: %s", url)
	}
}

func markup(say func(string, ...any), html string) {
	if words := tag.ReplaceAllString(html, ""); !raw.MatchString(html) || strings.Contains(words, "evil") {
		say("HTML: %.80q", html)
	}
}

// unseen says which characters of a text change a terminal or the direction of writing.
func unseen(written string) []string {
	for _, c := range "\x00\x1b\u202e\u200e\ufeff\u2028\u0085" {
		if strings.ContainsRune(written, c) {
			return []string{fmt.Sprintf("the character %U", c)}
		}
	}
	return nil
}

// Title says what is alive in a text that is not rendered: a title, a name, the message of a commit or a tag.
func Title(written string) []string {
	found := unseen(written)
	for _, m := range alive.FindAllString(written, -1) {
		found = append(found, fmt.Sprintf("alive: %q", m))
	}
	for _, m := range trailer.FindAllString(written, -1) {
		found = append(found, fmt.Sprintf("a trailer: %q", m))
	}
	return found
}

// Slack says what is alive in a message to Slack (docs.slack.dev, Formatting message text).
func Slack(written string) []string {
	var found []string
	for _, m := range regexp.MustCompile(`<[!@#a-z/][^>]*>`).FindAllString(written, -1) {
		found = append(found, fmt.Sprintf("a control sequence: %q", m))
	}
	return append(found, unseen(written)...)
}

// Mail says what is wrong with a mail that was sent.
func Mail(written string) []string {
	m, err := mail.ReadMessage(strings.NewReader(written))
	if err != nil {
		return []string{err.Error()}
	}
	var found []string
	ours := []string{"From", "To", "Subject", "Date", "Message-Id", "Mime-Version", "Content-Type",
		"Content-Transfer-Encoding", "Auto-Submitted"}
	for name, values := range m.Header {
		if !slices.Contains(ours, name) || len(values) > 1 {
			found = append(found, fmt.Sprintf("a header: %s: %q", name, values))
		}
	}
	return found
}

// Log says what is wrong with lines of a log: each is one JSON object, with one level and no field that a text began.
func Log(lines string) []string {
	var found []string
	for line := range strings.Lines(lines) {
		d := json.NewDecoder(strings.NewReader(line))
		var fields map[string]any
		if err := d.Decode(&fields); err != nil || d.More() {
			found = append(found, fmt.Sprintf("no single JSON object: %.120q", line))
			continue
		}
		if _, forged := fields["evil"]; forged || strings.Count(line, `"level":`) > 1 {
			found = append(found, fmt.Sprintf("a forged field: %.200q", line))
		}
		found = append(found, unseen(line)...)
	}
	return found
}
