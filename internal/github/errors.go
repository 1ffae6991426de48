package github

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// errMoved is a write that a redirection swallowed.
var errMoved = errors.New("the repository has moved, and GitHub did not take the change")

// attempt is what was tried, and why it failed.
type attempt struct {
	what string // "read the default branch of acme/app"
	err  error
}

func (e *attempt) Error() string { return e.what + ": " + e.err.Error() }
func (e *attempt) Unwrap() error { return e.err }

// Answer is an answer of GitHub that refuses: everything that is not 2xx, but for the two below.
type Answer struct {
	Status  int
	Message string
}

func (e *Answer) Error() string { return fmt.Sprintf("%d %s", e.Status, e.Message) }

// Unprocessable says that GitHub understood and will not do it: asking the same again is of no use.
func (e *Answer) Unprocessable() bool { return e.Status == http.StatusUnprocessableEntity }

// Exists is an Answer that says that what was to be made is there already.
type Exists struct{ Answer }

// Unwrap is the plain answer, for whoever does not tell the two apart.
func (e *Exists) Unwrap() error { return &e.Answer }

// exists finds GitHub's ways to say so: a code of the field, and three sentences.
func exists(message string) bool {
	message = strings.ToLower(message)
	for _, words := range []string{"already_exists", "already exists", "name must be unique",
		"has already been taken"} {
		if strings.Contains(message, words) {
			return true
		}
	}
	return false
}

// Forbidden is a 403 that is not a rate limit: the App lacks a permission, or a rule of the repository is against it.
type Forbidden struct {
	Message  string
	accepted string
}

func (e *Forbidden) Error() string { return "403 " + e.Message }

// MissingPermission says which permission the call wants, as "contents: write", from the header
// X-Accepted-GitHub-Permissions. It is empty when GitHub does not say, or when no permission would help.
func (e *Forbidden) MissingPermission() string {
	if !strings.Contains(e.Message, "not accessible by integration") {
		return ""
	}
	s := strings.ReplaceAll(e.accepted, " ", "")
	return strings.NewReplacer("=", ": ", ",", " and ", ";", " or ").Replace(s)
}

// Limited is a rate limit with a longer wait than a call may sleep. Nothing was done; come back at Until.
type Limited struct {
	Until time.Time
}

func (e *Limited) Error() string {
	return "GitHub's rate limit asks to wait until " + e.Until.UTC().Format(time.RFC3339)
}

// Until is when what failed can be tried again, where GitHub's rate limit or the lag of its lists says so.
func Until(err error) (at time.Time, known bool) {
	if limited, ok := errors.AsType[*Limited](err); ok {
		return limited.Until, true
	}
	if lagging, ok := errors.AsType[*Lagging](err); ok {
		return lagging.Until, true
	}
	return time.Time{}, false
}

// refusal makes the error of an answer that is not 2xx.
func refusal(resp *http.Response, body []byte) error {
	var said struct {
		Message string            `json:"message"`
		Errors  []json.RawMessage `json:"errors"`
	}
	_ = json.Unmarshal(body, &said) // a proxy's HTML page has no message, and the status is enough then
	message := said.Message
	if message == "" {
		message = http.StatusText(resp.StatusCode)
	}
	for _, raw := range said.Errors {
		if text := detail(raw); text != "" {
			message += ": " + text
		}
	}
	if resp.StatusCode == http.StatusForbidden {
		return &Forbidden{Message: message, accepted: resp.Header.Get("X-Accepted-GitHub-Permissions")}
	}
	answer := Answer{Status: resp.StatusCode, Message: message}
	if resp.StatusCode == http.StatusUnprocessableEntity && exists(message) {
		return &Exists{answer}
	}
	return &answer
}

// detail reads one entry of "errors", which is a string or an object.
func detail(raw json.RawMessage) string {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text
	}
	var e struct{ Resource, Field, Code, Message string }
	if json.Unmarshal(raw, &e) != nil {
		return ""
	}
	if e.Message != "" {
		return e.Message
	}
	return strings.TrimSpace(strings.Join([]string{e.Resource, e.Field, e.Code}, " "))
}

// status is the HTTP status that an error came from, 0 when it came from none.
func status(err error) int {
	if a, ok := errors.AsType[*Answer](err); ok {
		return a.Status
	}
	if _, ok := errors.AsType[*Forbidden](err); ok {
		return http.StatusForbidden
	}
	return 0
}

// missing says that the thing is not there: GitHub answers 410 for a deleted issue.
func missing(err error) bool {
	s := status(err)
	return s == http.StatusNotFound || s == http.StatusGone
}
