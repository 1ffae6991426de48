package parse

import (
	"slices"
	"strings"
)

// Command is one slash command of a comment.
type Command struct {
	// Line is where it stands, from 1.
	Line int
	// Words are the command word, lower-cased, with its slash, and its arguments, quotes taken off.
	Words []string
	// Raw is the line as it was typed, without the white space around it.
	Raw string
	// Err says what is wrong with its quoting; empty when nothing is.
	Err string
}

// Commands finds the lines that are slash commands: a slash and a letter at the start of a line of prose. Code,
// quotes and comments hold none (design: text in code fences, quotes and HTML comments is not a command).
func Commands(body string) []Command {
	var out []Command
	for _, l := range scan(body) {
		if l.place != prose {
			continue
		}
		text := strings.TrimSpace(l.text)
		if len(text) < 2 || text[0] != '/' || !letter(text[1]) {
			continue
		}
		c := Command{Line: l.number, Raw: text}
		c.Words, c.Err = words(uncommented(text))
		c.Words[0] = strings.ToLower(c.Words[0])
		out = append(out, c)
	}
	return out
}

// Ours says that the command is for Slipway. Every other one belongs to another bot, and gets silence.
func Ours(c Command) bool {
	return slices.Contains([]string{
		"/release", "/priority", "/sig", "/remove-priority", "/remove-sig", "/milestone", "/cherry-pick",
	}, c.Words[0])
}

func letter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

// uncommented takes HTML comments out of a command line.
func uncommented(text string) string {
	var b strings.Builder
	for {
		before, after, found := strings.Cut(text, "<!--")
		b.WriteString(before)
		if !found {
			return strings.TrimSpace(b.String())
		}
		_, text, found = strings.Cut(after, "-->")
		if !found {
			return strings.TrimSpace(b.String())
		}
	}
}

// words splits a command line as a shell does: white space separates, quotes of both kinds keep together, a
// backslash takes the next character as it is. Typographic quotes, which phones type, count as double ones.
func words(text string) (out []string, problem string) {
	var word strings.Builder
	var open rune
	began, escaped := false, false
	for _, c := range text {
		switch {
		case escaped:
			word.WriteRune(c)
			escaped = false
		case c == '\\' && open != '\'':
			escaped, began = true, true
		case open != 0 && c == open:
			open = 0
		case open != 0:
			word.WriteRune(c)
		case c == '"' || c == '\'' && word.Len() == 0:
			open, began = c, true
		case c == '“':
			open, began = '”', true
		case c == ' ' || c == '\t' || c == '\u00a0':
			if began {
				out = append(out, word.String())
				word.Reset()
				began = false
			}
		default:
			word.WriteRune(c)
			began = true
		}
	}
	if began || open != 0 {
		out = append(out, word.String())
	}
	switch {
	case open != 0:
		problem = "the quote " + string(open) + " is never closed"
	case escaped:
		problem = "a backslash stands at the end"
	}
	if len(out) == 0 {
		out = []string{""}
	}
	return out, problem
}
