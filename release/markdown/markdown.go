// Package markdown writes text of other people into Markdown of ours. Each function is for one place, and is the only
// one for it: Code for what somebody typed, Text for prose such as a title or an error, Quote for prose in quotation
// marks, Block for lines that are copied, Notes for those that GitHub generates, Title where Markdown is not rendered,
// Link for a name with an address, and Cell around a finished sentence that goes into a table. Plain says that a value
// needs none of them.
//
// Text of other people must notify nobody, refer to nothing, and change nothing around it: a mention or a reference in
// a comment of a bot reaches people who have nothing to do with the release. Characters that cannot be seen, or that
// turn the direction of writing, are shown as their code, such as \u202e.
package markdown

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
)

// What is longer is cut: a title of GitHub has 256 characters at most, and nobody reads a longer one of inline code.
const (
	longestText = 256
	longestCode = 120
)

// broken are the places at which a zero-width space stops GitHub from making a mention, a reference or a link. GitHub
// looks for those in the rendered text, where a backslash or an entity no longer helps. Of SHAs only whole ones are
// meant: a shorter one may be any number, and refers to nobody.
var broken = regexp.MustCompile(`(?i)@|#|\bGH-|://|\bwww\.|\b[0-9a-f]{40}\b`)

const space = "\u200b"

// whole undoes broken: a text that was written by this package can be read and written again.
var whole = regexp.MustCompile(`(?i)([@#:]|\bGH|\bwww|\b[0-9a-f]{8})` + space + `(//|[-.]|[0-9a-f]{32}\b)?`)

// marks are the characters that mean something in Markdown or HTML.
var marks = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "`", "'", "[", "(", "]", ")",
	`\`, `\\`, "*", `\*`, "~", `\~`, "|", `\|`, "$", `\$`)

// Code writes a text as inline code on one line. An empty one is "(nothing)".
func Code(text string) string {
	text = strings.ReplaceAll(line(text, longestCode), "`", "'")
	if text == "" {
		return "(nothing)"
	}
	return "`" + text + "`"
}

// Codes writes each text as inline code.
func Codes(texts []string) []string {
	out := make([]string, len(texts))
	for i, text := range texts {
		out[i] = Code(text)
	}
	return out
}

// Text writes prose of other people inside a sentence, a list or a table of ours, on one line.
func Text(text string) string { return inert(underlined(marks.Replace(line(text, longestText)))) }

// Title writes prose of other people into a title, where GitHub renders no Markdown but does link mentions and
// references, at the latest when the title becomes a commit message.
func Title(text string) string { return inert(line(text, longestText)) }

// Quote writes prose of other people in quotation marks.
func Quote(text string) string { return `"` + strings.ReplaceAll(Text(text), `"`, "'") + `"` }

// Block writes lines of other people as a block of code, to be copied. No line in it is one of Slipway's marks.
func Block(language, text string) string {
	text = strings.ReplaceAll(strings.ReplaceAll(strings.ToValidUTF8(text, "\ufffd"), "\r\n", "\n"), "\r", "\n")
	text = strings.ReplaceAll(Visible(text), "<!-- slipway:", "<!--"+space+" slipway:")
	fence := "```"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	return fence + language + "\n" + strings.TrimRight(text, "\n") + "\n" + fence
}

// Link writes a name of other people with an address that GitHub or a service gave. Without an address of the web it is
// inline code.
func Link(name, url string) string {
	if !strings.HasPrefix(url, "https://") && !strings.HasPrefix(url, "http://") {
		return Code(name)
	}
	return "[" + Text(name) + "](" + address(url) + ")"
}

// address is a URL that cannot end the link that it stands in.
func address(url string) string {
	var b strings.Builder
	for _, c := range []byte(url) {
		if c <= ' ' || c >= 0x7f || strings.IndexByte("()<>[]\\`\"|", c) >= 0 {
			fmt.Fprintf(&b, "%%%02X", c)
			continue
		}
		b.WriteByte(c)
	}
	return b.String()
}

// What GitHub itself writes into the notes that it generates. Whom they name as an author is meant.
var (
	change  = regexp.MustCompile(`^([*-] )(.*)( by @[A-Za-z0-9][A-Za-z0-9-]*(?:\[bot\])? in https?://[^\s()<>]+)$`)
	welcome = regexp.MustCompile(`^[*-] @[A-Za-z0-9][A-Za-z0-9-]*(\[bot\])? made their first contribution in ` +
		`https?://[^\s()<>]+$`)
	compare = regexp.MustCompile(`^\*\*Full Changelog\*\*: https?://[^\s()<>]+$`)
	made    = regexp.MustCompile(`^<!-- Release notes generated using configuration in [\w./-]+ at [\w./-]+ -->$`)
	heading = regexp.MustCompile(`^(#{1,6} )(.*)$`)
)

// Notes writes the notes that GitHub generates of pull requests: the titles in them are of whoever opened those.
func Notes(generated string) string {
	var out []string
	for l := range strings.Lines(generated) {
		l = strings.TrimRight(l, "\r\n")
		if m := change.FindStringSubmatch(l); m != nil {
			l = m[1] + Text(m[2]) + m[3]
		} else if m := heading.FindStringSubmatch(l); m != nil {
			l = m[1] + Text(m[2])
		} else if !welcome.MatchString(l) && !compare.MatchString(l) && !made.MatchString(l) {
			l = Text(l)
		}
		out = append(out, l)
	}
	return strings.Join(out, "\n")
}

// plain is what becomes part of names, of files, of questions to GitHub, and of sentences.
var plain = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._+/:@=-]{0,199}$`)

// Plain says that a value can stand anywhere as it is: one word of common characters in which GitHub sees no mention,
// no reference and no link. A whole SHA is plain, and so is an image with its digest.
func Plain(value string) bool {
	free := strings.Replace(value, "@sha256:", ":sha256:", 1)
	return plain.MatchString(value) && (sha.MatchString(value) || inert(free) == free)
}

var sha = regexp.MustCompile(`^[0-9a-f]{40}$`)

// Cell makes a finished sentence fit into a cell of a table.
func Cell(sentence string) string {
	var b strings.Builder
	slashes := 0
	for _, c := range strings.ReplaceAll(sentence, "\r\n", "\n") {
		switch {
		case c == '\n' || c == '\r':
			b.WriteString("<br>")
		case c == '|' && slashes%2 == 1:
			b.WriteString(`\\|`) // a backslash that is escaped itself does not escape the bar
		case c == '|':
			b.WriteString(`\|`)
		default:
			b.WriteRune(c)
		}
		if slashes++; c != '\\' {
			slashes = 0
		}
	}
	return b.String()
}

// Login writes a login so that GitHub notifies nobody.
func Login(login string) string { return Code("@" + login) }

// line is a text on one line, cut where it is too long, with what cannot be seen shown as its code.
func line(text string, longest int) string {
	text = strings.Join(strings.Fields(strings.ToValidUTF8(unbroken(text), "\ufffd")), " ")
	text = Visible(text)
	if r := []rune(text); len(r) > longest {
		text = strings.TrimRight(string(r[:longest]), " ") + "…"
	}
	return text
}

// underlined escapes underscores, but not those inside a word, which begin no emphasis: publish_images.
func underlined(text string) string {
	var b strings.Builder
	runes := []rune(text)
	word := func(i int) bool {
		return i >= 0 && i < len(runes) && (unicode.IsLetter(runes[i]) || unicode.IsDigit(runes[i]))
	}
	for i, c := range runes {
		if c == '_' && (!word(i-1) || !word(i+1)) {
			b.WriteByte('\\')
		}
		b.WriteRune(c)
	}
	return b.String()
}

func unbroken(text string) string { return whole.ReplaceAllString(text, "$1$2") }

func inert(text string) string {
	return broken.ReplaceAllStringFunc(text, func(found string) string {
		last := len(found)
		switch {
		case strings.HasSuffix(found, "-"), strings.HasSuffix(found, "."):
			last-- // GH-, www.
		case found == "://":
			last = 1
		case last == 40:
			last = 8
		}
		return found[:last] + space + found[last:]
	})
}

// Visible shows each character that cannot be seen as its code. Line breaks and tabs are left alone.
func Visible(text string) string {
	if !Hides(text) {
		return text
	}
	var b strings.Builder
	for _, c := range text {
		switch {
		case !hidden(c):
			b.WriteRune(c)
		case c > 0xffff:
			fmt.Fprintf(&b, `\U%08x`, c)
		default:
			fmt.Fprintf(&b, `\u%04x`, c)
		}
	}
	return b.String()
}

// Hides says that a text has characters that cannot be seen or that turn the direction of writing. A version, a name
// or a word of a command has none.
func Hides(text string) bool { return strings.ContainsFunc(text, hidden) }

// hidden says that a character takes no space, or only that of a blank that is none. Variation selectors are left
// alone: they belong to emoji, and change no letter.
func hidden(c rune) bool {
	switch c {
	case '\n', '\r', '\t':
		return false
	case '\u034f', '\u115f', '\u1160', '\u17b4', '\u17b5', '\u2800', '\u3164', '\uffa0':
		return true
	}
	return unicode.Is(unicode.Cf, c) || unicode.IsControl(c) || unicode.Is(unicode.Zl, c) || unicode.Is(unicode.Zp, c)
}
