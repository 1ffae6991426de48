// Package markdown writes text of other people into Markdown of ours. Each function is for one place, and is the only
// one for it: Code for what somebody typed, Text for prose such as a title or an error, Title where Markdown is not
// rendered, Link for a name with an address, and Cell around a finished sentence that goes into a table.
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
// looks for those in the rendered text, where a backslash or an entity no longer helps.
var broken = regexp.MustCompile(`(?i)@|#|\bGH-|://|\bwww\.`)

const space = "\u200b"

// whole undoes broken: a text that was written by this package can be read and written again.
var whole = strings.NewReplacer("@"+space, "@", "#"+space, "#", ":"+space+"//", "://",
	"GH"+space+"-", "GH-", "gh"+space+"-", "gh-", "www"+space+".", "www.")

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

// Link writes a name of other people with an address that GitHub gave. Without an address it is inline code.
func Link(name, url string) string {
	if url == "" {
		return Code(name)
	}
	return "[" + Text(name) + "](" + url + ")"
}

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
	text = strings.Join(strings.Fields(strings.ToValidUTF8(whole.Replace(text), "\ufffd")), " ")
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

func inert(text string) string {
	return broken.ReplaceAllStringFunc(text, func(found string) string {
		last := len(found)
		if strings.HasSuffix(found, "-") || strings.HasSuffix(found, ".") {
			last-- // GH-, www.
		} else if found == "://" {
			last = 1
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
