package parse

import (
	"net/url"
	"strings"
)

// Begin and End stand around what Slipway owns in the body of an issue. The text outside is the user's.
const (
	Begin = "<!-- slipway:begin -->"
	End   = "<!-- slipway:end -->"
)

// section finds the marks: the first Begin that an End follows without another Begin between. Anything else is
// damage, and damaged marks are left where they are.
func section(body string) (begin, end int, found bool) {
	end = strings.Index(body, End)
	if end < 0 {
		return 0, 0, false
	}
	begin = strings.LastIndex(body[:end], Begin)
	if begin < 0 {
		// An End before the first Begin: look behind it, once for each End that is out of place.
		for at := end + len(End); ; {
			i := strings.Index(body[at:], End)
			if i < 0 {
				return 0, 0, false
			}
			if b := strings.LastIndex(body[at:at+i], Begin); b >= 0 {
				return at + b, at + i, true
			}
			at += i + len(End)
		}
	}
	return begin, end, true
}

// Section is what stands between the marks.
func Section(body string) (inside string, found bool) {
	begin, end, found := section(body)
	if !found {
		return "", false
	}
	return strings.Trim(body[begin+len(Begin):end], "\r\n"), true
}

// ReplaceSection puts with between the marks, or appends a section where there is none. Not a byte outside changes.
func ReplaceSection(body, with string) string {
	// The marks cannot be part of what is put between them.
	with = strings.ReplaceAll(strings.ReplaceAll(with, Begin, ""), End, "")
	whole := Begin + "\n" + with + "\n" + End
	begin, end, found := section(body)
	if found {
		return body[:begin] + whole + body[end+len(End):]
	}
	if body == "" {
		return whole
	}
	return body + "\n\n" + whole
}

const markBegin, markEnd = "<!-- slipway:key=", " -->"

// Marker is the hidden mark by which Slipway finds a text of its own. The key may hold anything: it is escaped, so
// that it cannot end the comment.
func Marker(key string) string {
	return markBegin + strings.ReplaceAll(url.PathEscape(key), "-", "%2D") + markEnd
}

// Markers are the keys of the marks in a text, in order.
func Markers(body string) []string {
	var keys []string
	for {
		_, after, found := strings.Cut(body, markBegin)
		if !found {
			return keys
		}
		escaped, rest, found := strings.Cut(after, markEnd)
		if !found {
			return keys
		}
		if key, err := url.PathUnescape(escaped); err == nil && !strings.ContainsAny(escaped, " \n<>") {
			keys = append(keys, key)
			body = rest
			continue
		}
		body = after
	}
}

// Checkbox is one box of a task list.
type Checkbox struct {
	Line    int
	Checked bool
	Text    string
	// ID is the step that the box stands for, from the hidden mark behind it; empty for boxes of others.
	ID string
}

// Checkboxes finds the boxes of task lists in prose.
func Checkboxes(body string) []Checkbox {
	var out []Checkbox
	for _, l := range scan(body) {
		text := strings.TrimSpace(l.text)
		if l.place != prose || len(text) < 6 || !strings.Contains("-*+", text[:1]) || text[1:3] != " [" || text[4] != ']' {
			continue
		}
		mark := text[3]
		if mark != ' ' && mark != 'x' && mark != 'X' {
			continue
		}
		box := Checkbox{Line: l.number, Checked: mark != ' ', Text: strings.TrimSpace(text[5:])}
		if before, after, found := strings.Cut(box.Text, "<!-- step:"); found {
			if id, _, closed := strings.Cut(after, " -->"); closed {
				box.Text, box.ID = strings.TrimSpace(before), id
			}
		}
		out = append(out, box)
	}
	return out
}
