package contract

import "strings"

// A Problem is one way in which an exchange or a webhook is not what GitHub describes.
type Problem struct {
	Method  string // of the request, "WEBHOOK" for a webhook
	Route   string // as GitHub documents it, "/repos/{owner}/{repo}/issues"; "issues.opened" for a webhook
	Side    string // "route", "request", "response 201", "header" or "payload"
	Field   string // JSON pointer with * for indexes, or "query per_page"; empty for the whole
	Message string
	Body    string // the beginning of the body in which it was seen first
}

// What says what is wrong, without where it was seen: deviations name problems by how this begins.
func (p Problem) What() string {
	var b strings.Builder
	b.WriteString(p.Side)
	if p.Field != "" {
		b.WriteString(" " + p.Field)
	}
	b.WriteString(": " + p.Message)
	return b.String()
}

// String is one line for the log of a test, with the body below it.
func (p Problem) String() string {
	s := p.Method + " " + p.Route + ": " + p.What()
	if p.Body != "" {
		s += "\n\t" + strings.ReplaceAll(p.Body, "\n", "\n\t")
	}
	return s
}

// key is what makes two problems the same one.
func (p Problem) key() Problem {
	p.Body = ""
	return p
}
