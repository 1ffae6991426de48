package parse

import (
	"slices"
	"strings"
)

// Command is one slash command of a comment.
type Command struct {
	// Line is where it stands, from 1.
	Line int `json:"line"`
	// Words are the command word, lower-cased, with its slash, and its arguments, quotes taken off.
	Words []string `json:"words"`
	// Raw is the line as it was typed, without the white space around it.
	Raw string `json:"-"`
	// Err says what is wrong with its quoting, and what to type instead; empty when nothing is.
	Err string `json:"-"`
}

// Commands finds the lines that are slash commands, those of other bots too: a slash and a word at the start of a
// line of prose, with at most three spaces before it. Code, quotes and comments hold none (design: text in code
// fences, quotes and HTML comments is not a command).
func Commands(body string) []Command { return commands(scan(body)) }

func commands(lines []line) []Command {
	var out []Command
	for _, l := range lines {
		if l.place != prose || strings.IndexByte(l.text, '/') < 0 {
			continue
		}
		c := newCursor(l.text)
		if c.indent() > 3 || !slash(c.rest()) {
			continue
		}
		bare := strings.TrimSpace(l.bare)
		if !slash(bare) {
			continue
		}
		cmd := Command{Line: l.number, Raw: strings.TrimSpace(l.text)}
		cmd.Words, cmd.Err = words(bare)
		cmd.Words[0] = strings.ToLower(cmd.Words[0])
		out = append(out, cmd)
	}
	return out
}

// Ours says that the command is for Slipway. Every other one belongs to another bot, and gets silence.
func Ours(c Command) bool {
	return len(c.Words) > 0 && slices.Contains([]string{
		"/release", "/priority", "/sig", "/remove-priority", "/remove-sig", "/milestone", "/cherry-pick",
	}, c.Words[0])
}

// slash says that the text begins with a command word: a slash, a letter, and letters, digits and dashes up to the
// next blank. So /release-note is a word of its own, and a path such as /usr/bin is none.
func slash(text string) bool {
	if len(text) < 2 || text[0] != '/' || !letter(text[1]) {
		return false
	}
	i := 2
	for i < len(text) && (letter(text[i]) || text[i] >= '0' && text[i] <= '9' || text[i] == '-' || text[i] == '_') {
		i++
	}
	return i == len(text) || text[i] == ' ' || text[i] == '\t' || strings.HasPrefix(text[i:], "\u00a0")
}

// words splits a command line as a shell does: white space separates, quotes of both kinds keep together, a backslash
// takes the next character as it is (in double quotes only a quote or a backslash, in single quotes nothing).
// Typographic quotes, which phones type, count as double ones. An apostrophe inside a word is one.
func words(text string) (out []string, problem string) {
	var word strings.Builder
	var open rune
	began, escaped := false, false
	for _, c := range text {
		switch {
		case escaped:
			if open != 0 && c != open && c != '\\' {
				word.WriteByte('\\')
			}
			word.WriteRune(c)
			escaped = false
		case c == '\\' && open != '\'':
			escaped, began = true, true
		case open != 0 && c == open:
			open = 0
		case open != 0:
			word.WriteRune(c)
		case c == '"' || c == '\'' && !began:
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
	if escaped && open != 0 {
		word.WriteByte('\\')
	}
	if began {
		out = append(out, word.String())
	}
	switch {
	case open == '\'':
		problem = `a single quote is never closed: type ' at its end, or \' for an apostrophe at the start of a word`
	case open != 0:
		problem = "a double quote is never closed: type " + string(open) + ` at its end, or \" for a quote that is ` +
			`part of the text`
	case escaped:
		problem = `a backslash stands at the end of the line: take it away, or type \\ for one that is part of the text`
	}
	return out, problem
}

// problem takes Err apart: what is wrong, and what to type.
func (c Command) problem() (what, how string) {
	what, how, _ = strings.Cut(c.Err, ": ")
	return what, how
}
