package parse

import (
	"net/url"
	"strings"
)

const markBegin, markEnd = "<!-- slipway:key=", " -->"

// Marker is the hidden mark by which Slipway finds a text of its own. The key may hold anything: it is escaped, so
// that it cannot end the comment.
func Marker(key string) string {
	return markBegin + strings.ReplaceAll(url.PathEscape(key), "-", "%2D") + markEnd
}

// Markers are the keys of the marks in a text, in order. Only a mark at the beginning of a line counts: Slipway's own
// comments quote what people typed, and a mark in a quotation is theirs. Anybody can type a mark: who wrote the text is
// the caller's to check.
func Markers(body string) []string {
	var keys []string
	for at := 0; ; {
		i := strings.Index(body[at:], markBegin)
		if i < 0 {
			return keys
		}
		i, at = at+i, at+i+len(markBegin)
		if i > 0 && body[i-1] != '\n' {
			continue
		}
		// An escaped key holds none of these, so that a mark that does not end costs no search through the rest.
		end := strings.IndexAny(body[at:], " \t\r\n<>")
		if end < 0 {
			return keys
		}
		key, err := url.PathUnescape(body[at : at+end])
		if at += end; err == nil && strings.HasPrefix(body[at:], markEnd) {
			keys = append(keys, key)
		}
	}
}

// Checkbox is one box of a task list.
type Checkbox struct {
	Line    int
	Checked bool
	// Text is what stands behind the box, without the hidden mark.
	Text string
	// ID is the step that the box stands for, from the hidden mark <!-- step:ID --> at the end of the line; empty for
	// boxes of others.
	ID string
}

const stepBegin = "<!-- step:"

// Checkboxes finds the boxes of task lists in prose.
func Checkboxes(body string) []Checkbox {
	var out []Checkbox
	for _, l := range scan(body) {
		if l.place != prose {
			continue
		}
		checked, text, ok := box(strings.TrimSpace(l.text))
		if !ok {
			continue
		}
		b := Checkbox{Line: l.number, Checked: checked, Text: text}
		if before, found := strings.CutSuffix(text, "-->"); found {
			// The last mark counts: text before it is the user's.
			if i := strings.LastIndex(before, "<!--"); i >= 0 && strings.HasPrefix(before[i:], stepBegin) {
				b.Text, b.ID = strings.TrimSpace(before[:i]), strings.TrimSpace(before[i+len(stepBegin):])
			}
		}
		out = append(out, b)
	}
	return out
}

// box reads "- [x] text". GitHub takes every list mark and both cases.
func box(text string) (checked bool, rest string, ok bool) {
	width, ok := 0, false
	if text != "" {
		width, ok = bullet(text, false)
	}
	if !ok || width == len(text) {
		return false, "", false
	}
	text = strings.TrimLeft(text[width:], " \t")
	if len(text) < 4 || text[0] != '[' || text[2] != ']' || (text[3] != ' ' && text[3] != '\t') {
		return false, "", false
	}
	switch text[1] {
	case ' ':
	case 'x', 'X':
		checked = true
	default:
		return false, "", false
	}
	return checked, strings.TrimSpace(text[4:]), true
}
